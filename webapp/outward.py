"""Settings of what leaves the house: the server for e-mail, the URLs that webhooks may call, the house's address."""

from __future__ import annotations

import ipaddress
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from workflows.notices.channels import Channels
from workflows.notices.hook import Hook, Network, well_formed
from workflows.notices.mail import Mail

DESCRIPTIONS: dict[str, str] = {
    "FASHEN_ADDRESS": "the address under which people open the system, for links in notices: https://…",
    "FASHEN_SMTP_HOST": "server for outgoing e-mail; empty: no notices by e-mail",
    "FASHEN_SMTP_PORT": "its port; default 587, with tls 465",
    "FASHEN_SMTP_SECURITY": "starttls (the default), tls, or none, which is refused in production",
    "FASHEN_SMTP_USER": "login at that server, if it wants one",
    "FASHEN_SMTP_PASSWORD": "password of that login",
    "FASHEN_SMTP_FROM": "address from which notices come; needed with FASHEN_SMTP_HOST",
    "FASHEN_MAIL_DOMAINS": "domains to which notices may be sent, separated by commas; needed with FASHEN_SMTP_HOST",
    "FASHEN_WEBHOOKS": "URLs to which, and below which, webhooks may be sent, separated by commas; empty: no webhooks",
    "FASHEN_WEBHOOK_NETWORKS": "networks inside that webhooks may reach, such as 10.1.2.0/24, separated by commas",
    "FASHEN_OUTWARD_CA": "file with certificates of the bureau's own authority, for e-mail and webhooks",
}

_DOMAIN = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")


class Reader(Protocol):
    """What reads the environment and collects what is wrong with it (`webapp.settings`)."""

    def text(self, name: str, default: str = "") -> str:
        """A variable, or the default where it is not set."""

    def number(self, name: str, default: float, *, least: float = 0.1) -> float:
        """The same as a number."""

    def refuse(self, code: str, place: str, **facts: object) -> None:
        """Note what is wrong with a variable."""


def channels(read: Reader, *, production: bool, secret: str) -> Channels:
    """The channels of an installation. secret: from which the keys of webhooks are derived."""
    return Channels(_address(read, production), _mail(read, production), _hook(read, production, secret))


def _names(read: Reader, name: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in read.text(name).split(",") if one.strip())


def _address(read: Reader, production: bool) -> str:
    given = read.text("FASHEN_ADDRESS").rstrip("/")
    if not given:
        return ""
    parts = urlsplit(given)
    if not well_formed(given) or parts.query or (production and parts.scheme != "https"):
        read.refuse("settings.not_an_address", "FASHEN_ADDRESS", value=given[:200])
        return ""
    return given


def _ca(read: Reader) -> str:
    given = read.text("FASHEN_OUTWARD_CA")
    if given and not Path(given).is_file():
        read.refuse("settings.no_file", "FASHEN_OUTWARD_CA", value=given)
    return given


def _mail(read: Reader, production: bool) -> Mail | None:
    host = read.text("FASHEN_SMTP_HOST")
    if not host:
        return None
    security = read.text("FASHEN_SMTP_SECURITY", "starttls")
    if security not in ("starttls", "tls", "none"):
        read.refuse("settings.not_a_security", "FASHEN_SMTP_SECURITY", value=security)
    elif security == "none" and production:
        read.refuse("settings.unsafe", "FASHEN_SMTP_SECURITY", value=security)
    sender, domains = read.text("FASHEN_SMTP_FROM"), _names(read, "FASHEN_MAIL_DOMAINS")
    if parseaddr(sender)[1] != sender or not _DOMAIN.fullmatch(sender.rpartition("@")[2].lower()):
        read.refuse("settings.not_a_sender", "FASHEN_SMTP_FROM", value=sender[:200])
    if not domains:
        read.refuse("settings.no_domains", "FASHEN_MAIL_DOMAINS")
    for domain in domains:
        if not _DOMAIN.fullmatch(domain.lower()):
            read.refuse("settings.not_a_domain", "FASHEN_MAIL_DOMAINS", value=domain[:80])
    port = int(read.number("FASHEN_SMTP_PORT", 465 if security == "tls" else 587, least=1))
    return Mail(
        host, port, sender, tuple(domain.lower() for domain in domains), security, read.text("FASHEN_SMTP_USER"),
        read.text("FASHEN_SMTP_PASSWORD"), _ca(read),
    )  # fmt: skip


def _hook(read: Reader, production: bool, secret: str) -> Hook | None:
    allowed = _names(read, "FASHEN_WEBHOOKS")
    if not allowed:
        return None
    for url in allowed:
        if not well_formed(url) or urlsplit(url).query or (production and not url.startswith("https://")):
            read.refuse("settings.not_an_address", "FASHEN_WEBHOOKS", value=url[:200])
    networks: list[Network] = []
    for given in _names(read, "FASHEN_WEBHOOK_NETWORKS"):
        try:
            networks.append(ipaddress.ip_network(given))
        except ValueError:
            read.refuse("settings.not_a_network", "FASHEN_WEBHOOK_NETWORKS", value=given[:80])
    return Hook(allowed, secret, tuple(networks), _ca(read))
