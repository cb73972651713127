"""Requests that begin as the one before them on their connection: answered as if they were the first, without the parser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from crmcore.access.secret import digest
from crmcore.http.asgi import BODY, DROP, WHOLE, Receive, Scope, Send, header
from crmcore.http.body import read_body
from crmcore.http.facts import facts_of
from crmcore.http.whole import WholeAnswers
from tests.http.test_whole import asked, slow

HEAD = b"POST /graphql HTTP/1.1\r\nHost: crm\r\nX-Request-Id: trace-0190\r\nContent-Length: %d\r\nAccept: */*\r\n\r\n"


def request(body: bytes = b'{"n":1}', head: bytes = HEAD) -> bytes:
    """Write a request."""
    return head % len(body) + body


class Seen:
    """An application that notes what it is asked."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.functions: list[bool] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.functions.append(BODY in scope and WHOLE in scope and DROP in scope)
        self.scopes.append({k: v for k, v in scope.items() if not k.startswith("crmcore.")})
        self.scopes[-1]["length"] = header(scope, b"content-length")
        self.bodies.append(await read_body(scope, receive, 100_000))
        await slow(scope, receive, send)


async def finish(protocol: WholeAnswers) -> None:
    """Wait until everything is answered."""
    while protocol.tasks:
        await asyncio.wait(protocol.tasks)


class _NoParser:
    def feed_data(self, data: bytes) -> None:
        pytest.fail(f"parsed: {data!r}")


@pytest.mark.parametrize(
    "body", [b'{"n":1}', b'{"n":2}', b'{"n":12345678901234567890}', b"{}", b"\r\n\r\n", b"x" * 70_000]
)
async def test_a_request_like_the_one_before_is_not_parsed(body: bytes) -> None:
    """What the application sees, and what it answers, is the same; the body may be longer or shorter."""
    first, again = Seen(), Seen()
    _, alone = await asked(first, request(body))
    protocol, wire = await asked(again, request())
    parser, protocol.parser = protocol.parser, _NoParser()  # type: ignore[assignment]
    protocol.data_received(request(body))
    await finish(protocol)
    protocol.parser = parser
    protocol.data_received(request(b'{"then":1}', HEAD.replace(b"trace", b"other")))
    await finish(protocol)
    assert (first.scopes[0], first.bodies[0]) == (again.scopes[1], again.bodies[1])
    assert [alone.written[0], [True] * 3, b'{"then":1}'] == [wire.written[1], again.functions, again.bodies[2]]


@pytest.mark.parametrize(
    "data",
    [
        request(head=HEAD.replace(b"Accept: */*", b"Accept: a/b")),
        request(head=HEAD.replace(b"/graphql", b"/graphqi")),
        request(head=HEAD.replace(b"POST", b"PUT ").replace(b"PUT  ", b"PUT ")),
        request(head=HEAD.replace(b"%d", b" %d")),
        request(head=HEAD.replace(b"%d", b"0%d")),
        request(head=HEAD.replace(b"%d", b"%d ")),
        request(head=HEAD.replace(b"Accept: */*", b"Connection: close")),
        request(b""),
        request() + request(b'{"n":2}'),
        request() + request(b'{"n":2}', HEAD.replace(b"trace", b"other")),
        HEAD % 7 + b'{"n":1}\r\n',
        b"POST /graphql HTTP/1.1\r\nHost: crm\r\nX-Request-Id: trace-0190\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        HEAD.replace(b"%d", b"+7") + b'{"n":1}',
        HEAD.replace(b"%d", b"") + b'{"n":1}',
        HEAD.replace(b"%d", b"7" * 5000) + b'{"n":1}',
        HEAD.replace(b"Accept: */*", b"Content-Length: 8") % 7 + b'{"n":1}',
        b"nonsense\r\n\r\n",
    ],
)
async def test_whatever_comes_second_is_taken_as_if_it_were_first(data: bytes) -> None:
    """Other heads, no body, two requests at once, and what is none."""
    first, again = Seen(), Seen()
    _, alone = await asked(first, data)
    protocol, wire = await asked(again, request())
    protocol.data_received(data)
    await finish(protocol)
    assert (first.scopes, first.bodies) == (again.scopes[1:], again.bodies[1:])
    assert ([*alone.written], alone.closed) == (wire.written[1:], wire.closed)


@pytest.mark.parametrize("cut", [3, 40, len(HEAD) - 6, len(request()) - 1])
async def test_a_request_in_parts_is_waited_for(cut: int) -> None:
    """Wherever it was cut; the next one is whole again."""
    seen = Seen()
    protocol, wire = await asked(seen, request())
    data = request(b'{"n":2}')
    protocol.data_received(data[:cut])
    await asyncio.sleep(0)
    protocol.data_received(data[cut:])
    await finish(protocol)
    protocol.data_received(request(b'{"n":3}'))
    await finish(protocol)
    assert [b'{"n":1}', b'{"n":2}', b'{"n":3}'] == seen.bodies
    assert 3 == len(wire.written)


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"Accept: */*", b"Connection: close"),
        HEAD.replace(b"Accept: */*", b"X-Forwarded-For: 1.2.3.4"),
        HEAD.replace(b"Accept: */*", b"Expect: 100-continue"),
        HEAD.replace(b"Accept: */*", b"Connection: upgrade\r\nUpgrade: h2c"),
        HEAD.replace(b"/graphql", b"/auth/sign-in"),
        HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"),
        b"GET /graphql HTTP/1.1\r\nHost: crm\r\nContent-Length: %d\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: crm\r\nX-A: %d\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n",
    ],
)
async def test_only_a_plain_head_is_remembered(head: bytes) -> None:
    """Of the others, more than the body could differ, or somebody else is meant."""
    protocol, _ = await asked(slow, request(head=head))
    assert protocol._head is None


async def test_a_request_behind_one_that_is_not_answered_waits_its_turn() -> None:
    """Though it begins like it."""
    go, begun = asyncio.Event(), list[bytes]()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(await read_body(scope, receive, 100))
        if begun[1:] == [b"2"]:
            await go.wait()
        await slow(scope, receive, send)

    protocol, wire = await asked(waiting, request(b"1"))
    for body in (b"2", b"3"):
        protocol.data_received(request(body))
        await asyncio.sleep(0)
    assert [b"1", b"2"] == begun
    go.set()
    await finish(protocol)
    assert ([b"1", b"2", b"3"], 3) == (begun, len(wire.written))


async def test_a_body_that_reads_like_a_request_is_none() -> None:
    """Though its own request has been answered before it came."""
    protocol, wire = await asked(slow, request())
    smuggled = request(b'{"n":9}')
    protocol.data_received(HEAD % len(smuggled))
    await finish(protocol)
    protocol.data_received(smuggled)
    await finish(protocol)
    assert 2 == len(wire.written)


async def test_the_body_comes_by_messages_too_and_then_the_client_may_leave() -> None:
    """As in ASGI; a request that has left gives no body."""
    told: list[Any] = []
    given = asyncio.Event()

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        if told:
            told.append(await receive())
            given.set()
            told.append(await receive())
            told.append(scope[BODY]())
        else:
            told.append("first")
            await slow(scope, receive, send)

    protocol, _ = await asked(listening, request())
    protocol.data_received(request(b"again"))
    await given.wait()
    protocol.connection_lost(None)
    await finish(protocol)
    assert [
        "first",
        {"type": "http.request", "body": b"again", "more_body": False},
        {"type": "http.disconnect"},
        None,
    ] == told


async def test_the_server_waits_for_it_when_it_stops() -> None:
    """It is among the tasks, while it runs; and its connection is told to end with it."""
    go = asyncio.Event()
    go.set()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await slow(scope, receive, send)

    protocol, wire = await asked(waiting, request())
    go.clear()
    protocol.data_received(request())
    await asyncio.sleep(0)
    assert (1, False) == (len(protocol.tasks), wire.closed)
    protocol.shutdown()
    go.set()
    await finish(protocol)
    assert (True, True, 0) == (b"connection: close" in wire.written[1], wire.closed, len(protocol.tasks))


async def test_a_failure_of_the_application_is_answered() -> None:
    """By the server, with 500."""
    seen: list[int] = []

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(1)
        if len(seen) > 1:
            msg = "no"
            raise RuntimeError(msg)
        await slow(scope, receive, send)

    protocol, wire = await asked(failing, request())
    protocol.data_received(request())
    await finish(protocol)
    assert b" 500 " in wire.written[1]


async def test_who_asks_is_whoever_the_head_names() -> None:
    """What is kept of a head is of that head alone: another token on the same connection, or on the next one, is another."""
    head = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nAuthorization: Bearer crm_%b\r\nContent-Length: %%d\r\n\r\n"
    found: list[str | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(facts_of(scope).digest)
        await slow(scope, receive, send)

    tokens = [b"ada", b"ada", b"ada", b"bob", b"bob", b"ada", b"ada"]
    for order in (tokens, tokens[::-1]):
        found.clear()
        protocol, _ = await asked(app, request(head=head % order[0]))
        for token in order[1:]:
            protocol.data_received(request(head=head % token))
            await finish(protocol)
        assert [digest(f"crm_{token.decode()}") for token in order] == found
