"""Answers that leave in one piece, and what else our server does in its own way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from crmcore.http.asgi import BODY, WHOLE, Receive, Scope, Send, reply
from crmcore.http.at_once import sent_at_once
from crmcore.http.entrance import Entrance
from crmcore.http.front_door import FrontDoor
from crmcore.http.headers import with_security
from crmcore.http.negotiation import JSON
from crmcore.http.requests import Requests
from crmcore.http.trace import Trace
from crmcore.http.whole import WholeAnswers, _Holding

Handler = Callable[[Scope, Receive, Send], Awaitable[None]]
ASKED = b"POST /graphql HTTP/1.1\r\nhost: crm\r\nx-request-id: trace-0190\r\ncontent-length: 2\r\n\r\n{}"


class Wire(asyncio.Transport):
    """A transport that notes what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def get_extra_info(self, name: str, default: object = None) -> Any:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default


async def asked(handler: Handler, request: bytes = ASKED, *, idle: float = 5) -> tuple[WholeAnswers, Wire]:
    """Send a request to a server whose application is a function, until it is answered."""
    config = uvicorn.Config(
        handler, interface="asgi3", http=WholeAnswers, proxy_headers=False, log_config=None, lifespan="off"
    )
    config.timeout_keep_alive = idle  # type: ignore[assignment]
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"today")]
    protocol, wire = WholeAnswers(config, state, {}), Wire()
    protocol.connection_made(wire)
    protocol.data_received(request)
    while state.tasks:
        await asyncio.wait(state.tasks)
    return protocol, wire


async def quick(scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer in one piece."""
    assert sent_at_once(scope, Trace(scope), 200, b'{"data":null}', JSON)


async def slow(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer the same by messages, as the front door does."""
    trace = Trace(scope)

    async def careful(message: Any) -> None:
        if "headers" in message:
            message["headers"] = with_security(message["headers"], trace.request_id)
        await send(message)

    await reply(careful, 200, b'{"data":null}', JSON)


async def test_an_answer_at_once_is_the_same_to_the_byte() -> None:
    """What is careful for browsers is in it, and the request's id."""
    (_, at_once), (_, by_messages) = await asked(quick), await asked(slow)
    assert (at_once.written, len(at_once.written)) == (by_messages.written, 1)
    assert (b"x-request-id: trace-0190\r\n" in at_once.written[0], b"nosniff" in at_once.written[0]) == (True, True)


async def test_a_connection_that_shall_end_is_answered_by_messages() -> None:
    """Those say so to the client, and close it."""

    async def ending(scope: Scope, receive: Receive, send: Send) -> None:
        assert not scope[WHOLE](200, b"\r\n", b"")
        await slow(scope, receive, send)

    _, wire = await asked(ending, ASKED.replace(b"host: crm", b"connection: close"))
    assert (b"connection: close" in wire.written[0], wire.closed) == (True, True)


async def test_a_second_answer_is_refused() -> None:
    """The first has left."""

    async def twice(scope: Scope, receive: Receive, send: Send) -> None:
        take = scope[WHOLE]
        await quick(scope, receive, send)
        assert not take(200, b"\r\n", b"")

    _, wire = await asked(twice)
    assert len(wire.written) == 1


async def test_an_answer_leaves_nothing_to_the_garbage_collector() -> None:
    """It would stop the whole server, after some thousand requests, for as long as many of them take."""
    scopes: list[Scope] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await quick(scope, receive, send)

    await asked(noting)
    assert {BODY, WHOLE} & set(scopes[0]) == set()


async def test_pipelined_requests_are_answered_in_turn() -> None:
    """Each gets its own answer, though all came at once."""
    _, wire = await asked(quick, ASKED + ASKED.replace(b"trace-0190", b"trace-0191"))
    assert [b"trace-0190", b"trace-0191"] == [re.findall(rb"trace-\d+", part)[0] for part in wire.written]


async def test_a_body_that_is_there_is_given_at_once() -> None:
    """Afterwards `receive` waits for the client to leave, as it does after a body that it gave."""
    seen: list[Any] = []

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope[BODY]())
        listening = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        seen.append(listening.done())
        await quick(scope, receive, send)
        seen.append((await listening)["type"])

    await asked(reading)
    assert [b"{}", False, "http.disconnect"] == seen


async def test_a_body_in_parts_is_not_given_before_its_end() -> None:
    """It is read part by part."""
    seen: list[Any] = []

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope[BODY]())
        await quick(scope, receive, send)

    await asked(reading, ASKED[:-1])
    assert [None] == seen


async def test_a_connection_that_is_idle_is_ended() -> None:
    """One that has begun to send again is not."""
    (_, idle), (protocol, busy) = await asked(quick, idle=0.02), await asked(quick, idle=0.02)
    protocol.data_received(b"POST /graphql HTTP/1.1\r\n")
    await asyncio.sleep(0.1)
    assert (idle.closed, busy.closed) == (True, False)


@pytest.mark.parametrize(
    ("header", "client"), [(b"", "127.0.0.1"), (b"x-forwarded-for: 203.0.113.9\r\n", "203.0.113.9")]
)
async def test_a_trusted_proxy_says_whose_request_it_is(header: bytes, client: str) -> None:
    """Without its headers nothing stands between the server and the front door."""
    seen: list[str] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])
        await quick(scope, receive, send)

    door = FrontDoor(noting, noting, noting, Requests())
    entrance: Any = Entrance(SimpleNamespace(asgi_handler=door), "127.0.0.1")  # type: ignore[arg-type]
    _, wire = await asked(entrance, ASKED.replace(b"host: crm\r\n", b"host: crm\r\n" + header))
    assert ([client], 1) == (seen, len(wire.written))


async def test_head_and_body_leave_in_one_write() -> None:
    """A system call less, and a client that is woken once."""
    wire = Wire()
    held = _Holding(wire, asyncio.get_running_loop())
    held.write(b"HTTP/1.1 200 OK\r\n\r\n")
    held.write(b"{}")
    assert [b"HTTP/1.1 200 OK\r\n\r\n{}"] == wire.written


async def test_a_head_whose_body_is_long_in_coming_does_not_wait() -> None:
    """A stream's client learns at once that it has begun."""
    wire = Wire()
    held = _Holding(wire, asyncio.get_running_loop())
    held.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert [] == wire.written
    await asyncio.sleep(0)
    assert [b"HTTP/1.1 200 OK\r\n\r\n"] == wire.written
    held.write(b"chunk")
    assert [b"HTTP/1.1 200 OK\r\n\r\n", b"chunk"] == wire.written


async def test_a_head_that_is_held_leaves_before_the_connection_closes() -> None:
    """Nothing is lost when a handler ends the connection right after the head."""
    wire = Wire()
    held = _Holding(wire, asyncio.get_running_loop())
    held.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    held.close()
    assert ([b"HTTP/1.1 204 No Content\r\n\r\n"], True) == (wire.written, wire.closed)
    assert ("127.0.0.1", 1) == held.get_extra_info("peername")
