"""Answers that leave in one piece: uvicorn writes head and body apart, and each write is a system call."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from crmcore.http.again import Head, WholeRequest
from crmcore.http.asgi import BODY, DROP, WHOLE

if TYPE_CHECKING:
    from crmcore.http.asgi import Scope

__all__ = ["WholeAnswers"]


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's HTTP protocol, quicker for short answers on connections that stay.

    A body that came with its head is handed over, and an answer that is whole when it begins leaves in one write: past
    uvicorn's messages, which look for what no header may hold in each name and value. Other answers have a transport that
    keeps the head back until the body comes: a system call costs 10 µs and more, as much as parsing the request; and a client
    is not woken for a head alone.

    A request that begins as the one before it is not parsed again, if it is there as a whole and nothing else is under way.

    One timer a connection ends it when it is idle; uvicorn's own is made and cancelled with each request.
    """

    _idle_since: float | None = None
    _timer: asyncio.TimerHandle | None = None
    #: Whether the parser is in the middle of a request.
    _within = False
    _head: Head | None = None
    _default_headers: list[tuple[bytes, bytes]] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        self._plain = transport
        self._abort = transport.abort
        super().connection_made(_Holding(transport, self.loop))  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._idle_since = None
        if self._within or not (self.cycle is None or self.cycle.response_complete):
            super().data_received(data)
        elif self._head is None or not self._begins_again(data, self._head):
            super().data_received(data)
            self._note_head(data)

    def on_message_begin(self) -> None:
        """See `httptools.HttpRequestParser`."""
        self._within = True
        super().on_message_begin()
        self.scope[DROP] = self._abort  # type: ignore[literal-required]

    def on_headers_complete(self) -> None:
        """See `httptools.HttpRequestParser`."""
        super().on_headers_complete()
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.scope[BODY] = partial(self._give, self.cycle)  # type: ignore[literal-required]
            self.scope[WHOLE] = partial(self._take, self.cycle)  # type: ignore[literal-required]

    def on_message_complete(self) -> None:
        """See `httptools.HttpRequestParser`."""
        self._within = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """See uvicorn's protocol."""
        if self.pipeline or self._plain.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.flow.read_paused:
            self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._timer is None:
            self._timer = self.loop.call_later(self.timeout_keep_alive, self._look)

    def _note_head(self, data: bytes) -> None:
        """Keep the head of what was just parsed, if that was one whole request."""
        cycle = self.cycle
        if self._within or cycle is None or cycle.scope is not self.scope or self.pipeline or not cycle.keep_alive:
            return
        if not cycle.waiting_for_100_continue and self.limit_concurrency is None:
            self._head = Head.of(data, cast("Scope", self.scope), bytes(cycle.body))

    def _begins_again(self, data: bytes, head: Head) -> bool:
        """Begin a request that is like the one before; say whether it is."""
        if (parted := head.parted(data)) is None:
            return False
        scope, body = parted
        scope["state"] = self.app_state.copy()
        self.cycle = cycle = WholeRequest(self, scope, body, self.on_response_complete)
        scope[BODY], scope[WHOLE] = cycle.give, partial(self._take, cycle)
        cycle.begin(self.loop, self.app)
        return True

    def _give(self, cycle: RequestResponseCycle) -> bytes | None:
        if cycle.more_body or cycle.disconnected or cycle.waiting_for_100_continue:
            return None
        if self.flow.read_paused:
            self.flow.resume_reading()
        # As after uvicorn's `receive`: the next one waits for the client to leave.
        cycle.message_event.clear()
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def _take(self, cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
        if cycle.response_started or cycle.disconnected or self.flow.write_paused or not cycle.keep_alive:
            return False
        cycle.response_started = cycle.response_complete = True
        if cycle.default_headers is not self._default_headers:  # they are made anew each second
            self._default_headers = cycle.default_headers
            self._always = b"".join([b"%b: %b\r\n" % pair for pair in cycle.default_headers])
        self._plain.write(b"".join((STATUS_LINE[status], self._always, head, body)))
        if type(cycle) is not WholeRequest or cycle.awaited:
            cycle.message_event.set()
        cycle.on_response()
        # They hold the cycle that holds them, and would be left to the garbage collector, which stops the whole process for it.
        del cycle.scope[BODY], cycle.scope[WHOLE]  # type: ignore[literal-required]
        return True

    def _look(self) -> None:
        """End a connection that is idle for too long; look again when it could be."""
        self._timer = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._timer = self.loop.call_later(left, self._look)
        else:
            self.transport.close()


class _Holding:
    """A transport that writes a response's head together with what follows at once, or by itself soon after."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 "):
            # A body that is streamed may be long in coming; its head does not wait for it.
            self._head = data
            self._loop.call_soon(self._release)
            return
        self._transport.write(data)

    def close(self) -> None:
        self._release()
        self._transport.close()

    def _release(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
