"""A real S3 server for the tests, from a package: moto in a process of its own, spoken to over HTTP as any other.

It keeps objects in memory. Who uses it sets `environment` for itself: address and credentials come from there and from
nowhere else, as in an installation.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from urllib.error import URLError

from tests import leash
from tests.durability.server import free_port

START_SECONDS = 120
"""A limit for a server that hangs."""


@dataclass
class ObjectStore:
    """The server; buckets are made on request."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client of this server has in its environment."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "AKIDTEST",
            "AWS_SECRET_ACCESS_KEY": "no-secret-at-all",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> ObjectStore:
        """Start and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "moto.server", "-p", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=leash.tie,
        )  # fmt: skip
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._ask("GET", "/moto-api/data.json")
                return self
            except (URLError, OSError):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        """End it; all objects are gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def make_bucket(self, name: str) -> None:
        """Make an empty bucket."""
        self._ask("PUT", f"/{name}")

    def objects(self, bucket: str) -> dict[str, int]:
        """Key → size in bytes of what lies in a bucket."""
        from lxml import etree

        listing = etree.fromstring(self._ask("GET", f"/{bucket}?list-type=2"))
        tag = "{http://s3.amazonaws.com/doc/2006-03-01/}"
        found = listing.iter(f"{tag}Contents")
        return {one.findtext(f"{tag}Key") or "": int(one.findtext(f"{tag}Size") or 0) for one in found}

    def overwrite(self, bucket: str, key: str, data: bytes) -> None:
        """Change an object behind everybody's back."""
        self._ask("PUT", f"/{bucket}/{key}", data)

    def deny(self, bucket: str) -> None:
        """From now on nobody may do anything with what is in this bucket."""
        rule = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = {"Version": "2012-10-17", "Statement": [rule]}
        self._ask("PUT", f"/{bucket}?policy", json.dumps(policy).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        asked = urllib.request.Request(self.address + path, method=method, data=body)  # noqa: S310 (our own server)
        asked.add_header("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDTEST/20240101/us-east-1/s3/aws4_request")
        with urllib.request.urlopen(asked, timeout=START_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
