"""E-mail: one letter to one address, over TLS, through the bureau's own server.

Whatever goes into a header is checked here too, wherever it came from: a line break in an address or a subject would
let somebody write headers of their own (CWE-93).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from workflows.calendar import clock
from workflows.errors import Invalid, Unavailable

SECONDS = 20.0
"""How long one answer of the server may take."""


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "post.no_name"), (TimeoutError, "post.timeout"), (ConnectionError, "post.no_connection"),
    (smtplib.SMTPServerDisconnected, "post.no_connection"), (smtplib.SMTPNotSupportedError, "post.no_tls"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to somebody. id: the same at every new try, so that a server or reader can tell a second copy."""

    id: str
    to: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """The server for outgoing e-mail.

    security: "starttls", "tls" or "none" (development only). domains: those to which letters may go. ca: a file with
    certificates of the bureau's own authority; empty: those of the system.
    """

    host: str
    port: int
    sender: str
    domains: tuple[str, ...]
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    def accepts(self, address: str) -> bool:
        """Whether a letter may go there: the domain is one of those allowed, or below one."""
        domain = address.rpartition("@")[2].lower()
        return any(domain == one or domain.endswith(f".{one}") for one in self.domains)

    def send(self, letter: Letter) -> None:
        """Hand a letter to the server.

        Raises Invalid("post.refused") for what no new try can change: a header or address that is refused, a domain
        that is not allowed, a server that says 5xx. Raises Unavailable("post.unreachable") for all that may pass: no
        connection, a certificate that is not trusted, a login that fails, a server that says 4xx.
        """
        written = message(letter, self.sender)
        if not self.accepts(letter.to):
            raise Invalid("post.refused", reason="post.domain")
        try:
            with self._connected() as server:
                server.send_message(written, from_addr=self.sender, to_addrs=[letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _refusal(code, said) from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unavailable("post.unreachable", reason="post.login") from error  # the settings, not the letter
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except ssl.SSLError as error:
            raise Unavailable("post.unreachable", reason="post.certificate") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable("post.unreachable", reason=reason_of(error)) from error

    def _connected(self) -> smtplib.SMTP:
        """A connection that is encrypted and logged in as the settings say."""
        context = ssl.create_default_context(cafile=self.ca or None)
        server: smtplib.SMTP
        if self.security == "tls":
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=context)  # raises where the server offers none: never in the clear
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def message(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it travels. Raises Invalid("post.refused") for a line break or another control in a header."""
    for value in (letter.to, letter.subject, letter.id, sender):
        if any(ord(sign) < 32 or ord(sign) == 127 for sign in value):
            raise Invalid("post.refused", reason="post.header")
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, letter.to, letter.subject
    made["Date"] = format_datetime(clock.local(letter.at))
    made["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answer comes back
    made.set_content(letter.text)
    return made


def reason_of(error: Exception) -> str:
    """What kept a connection from working, by a code that has a sentence; by its class where it has none."""
    return next((code for kind, code in _REASONS if isinstance(error, kind)), type(error).__name__)


def _refusal(code: int, said: bytes | str) -> Invalid | Unavailable:
    """What a server said: 5xx is for good, 4xx may pass (RFC 5321, 4.2.1)."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    reason = f"{code} {' '.join(text.split())}"[:120]
    return Invalid("post.refused", reason=reason) if code >= 500 else Unavailable("post.unreachable", reason=reason)
