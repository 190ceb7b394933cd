"""Webhooks to a real receiver: signed, only where the administrator allows, never into the house, never redirected."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from tests.notices.conftest import Receiver
from workflows.errors import FashenError, Invalid, Unavailable
from workflows.notices import hook as hooks
from workflows.notices.hook import Hook

LOOP = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
CONTENT = {"type": "notice", "notices": [{"topic": "tasks", "name": "新任务"}]}


def hook(receiver: Receiver, **changes: Any) -> Hook:
    return replace(Hook((receiver.url,), "k" * 40, LOOP), **changes)


def refused(given: Hook, url: str) -> tuple[type[FashenError], str]:
    with pytest.raises((Invalid, Unavailable)) as caught:
        given.send(url, "ab12", CONTENT, "wang")
    return type(caught.value), str(caught.value.facts["reason"])


def test_a_message_arrives_with_a_signature_that_its_reader_can_check(receiver: Receiver) -> None:
    sender = hook(receiver)
    sender.send(f"{receiver.url}/wang?room=1", "ab12", CONTENT, "wang")
    ((path, headers, body),) = receiver.got
    assert (path, json.loads(body)) == ("/hooks/wang?room=1", CONTENT)
    signed = f"{headers['x-fashen-timestamp']}.{headers['x-fashen-id']}.".encode() + body
    right = hmac.new(sender.key("wang").encode(), signed, hashlib.sha256).hexdigest()
    assert headers["x-fashen-signature"] == f"v1={right}"
    assert headers["x-fashen-id"] == "ab12"
    assert sender.key("wang") != sender.key("li"), "each person has a key of their own"
    assert "k" * 40 not in repr(sender)


@pytest.mark.parametrize("url", [
    "http://localhost:{port}/other", "http://localhost:{port}/hooksx", "https://localhost:{port}/hooks",
    "http://127.0.0.1:{port}/hooks", "http://localhost:1/hooks", "http://localhost:{port}@evil.com/hooks",
    "http://evil.com/?http://localhost:{port}/hooks", "http://localhost:{port}/hooks/../admin",
    "http://localhost:{port}/hooks/%2e%2e/admin", "http://localhost:{port}/hooks/%2E./admin",
    "http://localhost:{port}/hooks/..%2fadmin", "http://localhost:{port}\\@evil.com/hooks",
    "http://localhost:{port}/hooks#x", "http://localhost:{port}/hooks\r\nX: 1", "http://localhost:{port}/hooks x",
    "file:///etc/passwd", "ftp://localhost/hooks", "//localhost/hooks", "http:///hooks", "http://[::1/hooks",
    "http://localhost:99999/hooks", "http://localhost:0/hooks", "", "http://localhost:{port}/hooks/法",
])  # fmt: skip
def test_only_what_lies_below_an_allowed_url_is_called(receiver: Receiver, url: str) -> None:
    given = url.format(port=receiver.port)
    assert not hook(receiver).accepts(given)
    assert refused(hook(receiver), given) == (Invalid, "post.url")
    assert receiver.got == []


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:10.1.2.3", "2002:0a01:0203::1", "64:ff9b::a01:203", "::7f00:1",
    "64:ff9b:1::a01:203", "fec0::1", "::", "255.255.255.255",
    "0.0.0.0",  # noqa: S104 (an address that is refused)
])  # fmt: skip
def test_addresses_inside_are_not_reached_unless_the_settings_name_their_network(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolve(monkeypatch, address)
    with pytest.raises(Invalid) as caught:
        hook(receiver, networks=()).reachable("im.example.gov.cn", 443)
    assert caught.value.facts["reason"] == "post.private"


def test_a_network_that_the_settings_name_is_reached_and_no_other(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = hook(receiver, networks=(ipaddress.ip_network("10.1.2.0/24"),))
    resolve(monkeypatch, "10.1.2.3")
    assert [str(one) for one in inner.reachable("im.example.gov.cn", 443)] == ["10.1.2.3"]
    resolve(monkeypatch, "::ffff:10.1.2.3")
    assert inner.reachable("im.example.gov.cn", 443)
    resolve(monkeypatch, "10.1.3.3")
    with pytest.raises(Invalid):
        inner.reachable("im.example.gov.cn", 443)


def test_a_name_with_one_address_inside_is_not_called_at_all(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, "8.8.8.8", "10.1.2.3")
    with pytest.raises(Invalid):
        hook(receiver, networks=()).reachable("im.example.gov.cn", 443)


def test_a_name_that_changes_after_it_was_checked_is_not_asked_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer would lead elsewhere."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def once(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "localhost" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    hook(receiver).send(receiver.url, "ab12", CONTENT, "wang")
    assert asked.count("localhost") == 1
    assert len(receiver.got) == 1


@pytest.mark.parametrize(("status", "kind", "reason"), [
    (301, Invalid, "post.redirect"), (307, Invalid, "post.redirect"), (404, Invalid, "HTTP 404"),
    (410, Invalid, "HTTP 410"), (429, Unavailable, "HTTP 429"), (500, Unavailable, "HTTP 500"),
    (503, Unavailable, "HTTP 503"),
])  # fmt: skip
def test_what_the_receiver_answers_counts_and_redirects_are_not_followed(
    receiver: Receiver, status: int, kind: type[FashenError], reason: str
) -> None:
    receiver.status, receiver.headers = status, {"Location": f"{receiver.url}/again"}
    assert refused(hook(receiver), receiver.url) == (kind, reason)
    assert len(receiver.got) == 1


def test_a_receiver_that_is_away_or_never_answers_is_tried_again(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Hook(("http://localhost:9/",), "k" * 40, LOOP)
    assert refused(away, "http://localhost:9/x")[0] is Unavailable
    monkeypatch.setattr(hooks, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mute = Hook((f"http://localhost:{port}/",), "k" * 40, LOOP)
        assert refused(mute, f"http://localhost:{port}/x")[0] is Unavailable


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: [
        (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in addresses
    ])  # fmt: skip
