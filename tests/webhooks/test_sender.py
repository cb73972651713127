"""One request to a receiver, and what can come of it."""

from __future__ import annotations

from time import perf_counter

import pytest

from crmcore.webhooks.answer import Answer
from crmcore.webhooks.sender import Sender
from crmcore.webhooks.settings import WebhooksSettings
from tests.webhooks.receiver import receiving

LOCAL = WebhooksSettings(allowed_networks=("127.0.0.0/8",), timeout=0.4)


async def test_a_message_is_posted_and_answered() -> None:
    """The body arrives byte for byte, with its headers; the answer's status and beginning come back."""
    async with receiving() as receiver, Sender(LOCAL) as sender:
        receiver.answer = lambda _: b"HTTP/1.1 202 X\r\ncontent-length: 5\r\n\r\nhel\x00o"
        answer = await sender.send(receiver.url, b'{"type":"a"}', {"webhook-id": "7"})
    assert (202, "hel�o", None) == (answer.status, answer.text, answer.error)
    (message,) = receiver.messages
    assert (b'{"type":"a"}', "7", "application/json") == (message.body, message.id, message.headers["content-type"])


async def test_a_redirect_is_not_followed() -> None:
    """A redirect is a failure that says where it leads; nothing goes there."""
    async with receiving() as receiver, receiving() as other, Sender(LOCAL) as sender:
        head = f"HTTP/1.1 307 X\r\nlocation: {other.url}\r\ncontent-length: 0\r\n\r\n"
        receiver.answer = lambda _: head.encode()
        answer = await sender.send(receiver.url, b"{}", {})
    assert (307, []) == (answer.status, other.messages)
    assert f"redirects to {other.url}, which is not followed" in str(answer.error)


async def test_without_the_setting_nothing_reaches_this_machine() -> None:
    """The guard stands between the sender and every connection."""
    async with receiving() as receiver, Sender(WebhooksSettings()) as sender:
        answer = await sender.send(receiver.url, b"{}", {})
    assert ([], None) == (receiver.messages, answer.status)
    assert "127.0.0.1 is at 127.0.0.1, which is no public address" in str(answer.error)


@pytest.mark.parametrize(
    "begun",
    [b"", b"HTTP/1.1 200 X\r\n", b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf"],
    ids=["silent", "head", "half"],
)
async def test_a_receiver_has_so_long_for_the_whole_answer(begun: bytes) -> None:
    """One that says nothing, or stops in the middle, is given up after the time-out."""
    async with receiving() as receiver, Sender(LOCAL) as sender:
        receiver.answer = lambda _: begun
        started = perf_counter()
        answer = await sender.send(receiver.url, b"{}", {})
    assert "no whole answer within 0.4 seconds" in str(answer.error)
    assert perf_counter() - started < 2


async def test_an_endless_answer_is_cut_off() -> None:
    """Of a large answer the beginning is read and kept, and no more."""
    async with receiving() as receiver, Sender(LOCAL) as sender:
        receiver.answer = lambda _: b"HTTP/1.1 200 X\r\ncontent-length: 99999999\r\n\r\n" + b"x" * 100_000
        answer = await sender.send(receiver.url, b"{}", {})
    assert (200, "x" * 1024, None) == (answer.status, answer.text, answer.error)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (b"HTTP/1.1 500 X\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n", "The server answered 500."),
        (b"nonsense\r\n\r\n", "illegal status line"),
        (b"HTTP/1.1 200 X\r\ncontent-length: -1\r\n\r\n", "Content-Length"),
    ],
)
async def test_every_failure_is_an_answer(told: bytes, error: str) -> None:
    """What a receiver answers wrongly is told, not raised."""
    async with receiving() as receiver, Sender(LOCAL) as sender:
        receiver.answer = lambda _: told
        answer = await sender.send(receiver.url, b"{}", {})
    assert error in str(answer.error)
    assert answer.retry_after == (120 if b"500" in told else None)


@pytest.mark.parametrize(
    "url",
    ["https://nowhere.invalid/", "http://127.0.0.1:1/", "ftp://127.0.0.1/", "http://[::1", "http://127.0.0.1:99999/"],
)
async def test_a_url_that_leads_nowhere_is_a_failure(url: str) -> None:
    """No such name, nobody who listens, no such scheme, no such port."""
    async with Sender(LOCAL) as sender:
        answer = await sender.send(url, b"{}", {})
    assert isinstance(answer, Answer)
    assert answer.error


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would make the connection, and nobody would check its address."""
    async with receiving() as receiver, receiving() as proxy, Sender(LOCAL) as sender:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        await sender.send(receiver.url, b"{}", {})
    assert (1, 0) == (len(receiver.messages), len(proxy.messages))
