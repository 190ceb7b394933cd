"""Webhooks: one signed JSON message to one URL, as far as the administrator allows it and nowhere else.

A URL that somebody types is a request that the server makes for them (SSRF, CWE-918). So only URLs below those of the
settings are accepted; the name is looked up once, every address it has is checked, and the connection goes to the
address that was checked; redirects are not followed; what comes back is not shown to anybody.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from workflows.calendar import clock
from workflows.errors import Invalid, Unavailable
from workflows.notices.mail import reason_of

SECONDS = 10.0
"""For the whole of one message: connection, TLS, answer."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_PLAIN = re.compile(r"[!-~]+")
"""ASCII without spaces and controls: other letters come percent-encoded."""


@dataclass(frozen=True, slots=True)
class Hook:
    """allowed: URLs that a webhook's URL is, or is below. networks: addresses inside the house that may be reached all
    the same. secret: signs; each person's own key is derived from it.
    """

    allowed: tuple[str, ...]
    secret: str = field(repr=False)
    networks: tuple[Network, ...] = ()
    ca: str = ""

    def accepts(self, url: str) -> bool:
        """Whether the URL is well formed and below an allowed one: same scheme, host and port, path from a slash on."""
        given = _read(url)
        if given is None:
            return False
        return any(_below(given, one) for one in map(_read, self.allowed) if one is not None)

    def key(self, person_id: str) -> str:
        """The key with which somebody's messages are signed, as they tell it to their receiver: hexadecimal."""
        return hmac.new(self.secret.encode(), f"webhook:{person_id}".encode(), hashlib.sha256).hexdigest()

    def send(self, url: str, id: str, content: Mapping[str, Any], person_id: str) -> None:
        """POST a message; 2xx says that it has arrived. id: the same at every new try.

        Headers: X-Fashen-Id, X-Fashen-Timestamp (seconds of Unix time) and X-Fashen-Signature: v1=HMAC-SHA256 over
        timestamp, ".", id, ".", body. Raises Invalid("post.refused") for a URL or an address that is not allowed, a
        redirect and an answer 4xx that no new try changes; Unavailable("post.unreachable") for the rest.
        """
        given = _read(url)
        if given is None or not self.accepts(url):
            raise Invalid("post.refused", reason="post.url")
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        moment = str(int(clock.now().timestamp()))
        signed = hmac.new(self.key(person_id).encode(), f"{moment}.{id}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json; charset=utf-8", "User-Agent": "Fashen", "X-Fashen-Id": id,
            "X-Fashen-Timestamp": moment, "X-Fashen-Signature": f"v1={signed}", "Connection": "close",
        }  # fmt: skip
        try:
            status = self._post(given, body, headers)
        except ssl.SSLError as error:
            raise Unavailable("post.unreachable", reason="post.certificate") from error
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable("post.unreachable", reason=reason_of(error)) from error
        if 300 <= status < 400:
            raise Invalid("post.refused", reason="post.redirect")
        if 400 <= status < 500 and status not in (408, 425, 429):
            raise Invalid("post.refused", reason=f"HTTP {status}")
        if not 200 <= status < 300:
            raise Unavailable("post.unreachable", reason=f"HTTP {status}")

    def reachable(self, host: str, port: int) -> list[Address]:
        """The addresses of a host, if the house may speak to every one of them.

        One that may not be reached bars the host: which one answers is not ours to choose. Raises
        Invalid("post.refused"), and OSError for a name that is not known.
        """
        found = [ipaddress.ip_address(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not found or not all(self._may_reach(one) for one in found):
            raise Invalid("post.refused", reason="post.private")
        return found

    def _may_reach(self, address: Address) -> bool:
        real = _carried(address)
        public = real.is_global and not real.is_multicast and (real.version == 4 or real in _UNICAST)
        return public or any(real.version == one.version and real in one for one in self.networks)

    def _post(self, url: SplitResult, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer. The connection goes to the address that was checked, whatever the name says now."""
        host, secure = url.hostname or "", url.scheme == "https"
        port = url.port or (443 if secure else 80)
        plain = socket.create_connection((str(self.reachable(host, port)[0]), port), timeout=SECONDS)
        end = threading.Timer(SECONDS, _cut, (plain,))  # a server that answers a byte at a time does not hold us
        end.daemon = True
        end.start()
        connected = plain
        try:
            if secure:
                context = ssl.create_default_context(cafile=self.ca or None)
                connected = context.wrap_socket(connected, server_hostname=host)
            connection = http.client.HTTPConnection(host, port)
            connection.sock = connected
            connection.request("POST", (url.path or "/") + (f"?{url.query}" if url.query else ""), body, headers)
            return connection.getresponse().status
        finally:
            end.cancel()
            connected.close()


def _carried(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for: mapped, 6to4, NAT64 (RFC 4291, 3056, 6052)."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _cut(connected: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def well_formed(url: str) -> bool:
    """Whether a text is a URL of http(s) with a host, and nothing in it hides where it leads."""
    return _read(url) is not None


def _read(url: str) -> SplitResult | None:
    """The parts of a URL of http(s) with a host and nothing that hides where it leads; None for any other."""
    if not _PLAIN.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    hidden = "@" in parts.netloc or parts.fragment or "/../" in f"{parts.path}/" or "/./" in f"{parts.path}/"
    encoded = "%2e" in parts.path.lower() or "%2f" in parts.path.lower()
    if parts.scheme not in ("http", "https") or not parts.hostname or hidden or encoded or port == 0:
        return None
    return parts


def _below(url: SplitResult, allowed: SplitResult) -> bool:
    def place(one: SplitResult) -> tuple[str, str, int]:
        return one.scheme, (one.hostname or "").lower(), one.port or (443 if one.scheme == "https" else 80)

    folder = allowed.path.rstrip("/")
    return place(url) == place(allowed) and (url.path.rstrip("/") == folder or url.path.startswith(f"{folder}/"))
