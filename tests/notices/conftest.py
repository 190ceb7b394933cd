"""Real servers for what leaves the house: e-mail over TLS, and a receiver of webhooks; on this machine alone."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workflows.notices.mail import Mail

SENDER, DOMAIN = "fashen@example.gov.cn", "example.gov.cn"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, in one file; its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Postbox:
    """What a mail server got, and what it says to the next letter: empty for an ordinary one."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    people: list[list[str]] = field(default_factory=list)
    answer: str = ""
    to_recipient: str = ""

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: smtp.Envelope, address: str, _options: Any
    ) -> str:  # fmt: skip
        if self.to_recipient:
            return self.to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: smtp.Envelope) -> str:  # noqa: N802
        assert session.ssl, "the letter came in the clear"
        if self.answer:
            return self.answer
        data = cast(bytes, envelope.content)
        self.raw.append(data)
        self.letters.append(cast(EmailMessage, message_from_bytes(data, policy=default)))
        self.people.append(list(envelope.rcpt_tos))
        return "250 OK"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def mail(postbox: Postbox, certificate: Path) -> Iterator[Mail]:
    """A mail server that wants STARTTLS and a login."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def knows(_server: smtp.SMTP, _session: Any, _envelope: Any, _how: str, data: Any) -> smtp.AuthResult:
        right = (data.login, data.password) == (b"fashen", b"secret")
        return smtp.AuthResult(success=right, handled=right)

    controller = Controller(
        postbox, hostname="localhost", port=0, tls_context=context, require_starttls=True, authenticator=knows,
        auth_required=True,
    )  # fmt: skip
    with_port(controller)
    yield Mail(
        "localhost", controller.port, SENDER, (DOMAIN,), "starttls", "fashen", "secret", ca=str(certificate)
    )
    controller.stop()


def with_port(controller: Controller) -> None:
    """Start a mail server on a free port, and let it say which."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()


@dataclass
class Receiver:
    """What a receiver of webhooks got, and what it answers."""

    port: int = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks at /hooks, over plain HTTP."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()
