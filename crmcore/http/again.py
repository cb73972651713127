"""Requests that begin as the one before them on their connection: what their head says is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from crmcore.http.asgi import BODY, MEMO, WHOLE, App, Scope, header, with_header

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Head", "WholeRequest"]

_END = b"\r\n\r\n"
_LENGTH = b"content-length"
#: What makes a request another one than its body alone, or somebody else's.
_SPECIAL = (b"transfer-encoding", b"expect", b"upgrade", b"x-forwarded-")
#: What a scope has of one request only.
_OF_ONE = frozenset({BODY, WHOLE, "state"})
#: Digits of a length that is believed without the parser.
_DIGITS = 9


class Head(msgspec.Struct, frozen=True, eq=False):
    """What a request to `/graphql` looked like up to its body.

    A client that keeps its connection sends the same again and again; only the length of the body differs. The parser has
    read these bytes once, as the head of a request that kept the connection open, and would read the same now.

    Attributes:

        before, length, after: its bytes; `length` are the digits of its length.
        scope: what was made of them.
    """

    before: bytes
    length: bytes
    after: bytes
    scope: dict[str, Any]

    @classmethod
    def of(cls, data: bytes, scope: Scope, body: bytes) -> Head | None:
        """Return the head of a request that was parsed; None if it was no plain one.

        Args:

            data: what came, of which this request was all.
            scope: what was made of it, not yet given to anybody.
            body: its body, as the parser found it.
        """
        if scope["method"] != "POST" or scope["path"] != "/graphql" or scope["http_version"] != "1.1":
            return None
        names = [name for name, _ in scope["headers"]]
        plain = names.count(_LENGTH) == 1 and not any(name.startswith(_SPECIAL) for name in names)
        head = data[: data.find(_END) + len(_END)]
        if not plain or not body or head + body != data or not head.startswith(b"POST "):
            return None
        at = head.lower().find(b"\r\n" + _LENGTH + b":") + len(_LENGTH) + 3
        at += len(head[at:]) - len(head[at:].lstrip(b" "))
        end = head.find(b"\r\n", at)
        if head[at:end] != str(len(body)).encode():
            return None
        header(scope, _LENGTH)  # has them put in order, once for all
        kept = {k: v for k, v in scope.items() if k not in _OF_ONE}
        return cls(head[:at], head[at:end], head[end:], {**kept, MEMO: {}})

    def parted(self, data: bytes) -> tuple[dict[str, Any], bytes] | None:
        """Return scope and body of a request that begins like this and is there as a whole; None if it is another one."""
        if not data.startswith(self.before):
            return None
        at = len(self.before)
        end = data.find(b"\r\n", at, at + _DIGITS + 2)
        digits = data[at:end]
        if end < 0 or not digits.isdigit() or not data.startswith(self.after, end):
            return None
        body = data[end + len(self.after) :]
        if not body or int(digits) != len(body):
            return None
        scope = self.scope.copy()
        if digits != self.length:
            with_header(scope, _LENGTH, digits)
        return scope, body


class _Nobody:
    """Stands for the event of a request whose messages nobody waits for."""

    def set(self) -> None:
        pass


class WholeRequest(RequestResponseCycle):
    """uvicorn's cycle for a request that is there as a whole when it begins.

    Args:

        protocol: of its connection.
        scope: the request.
        body: all of it, at least a byte.
        on_response: called when it is answered.
    """

    disconnected = more_body = waiting_for_100_continue = False
    response_started = response_complete = access_log = False
    keep_alive = True
    chunked_encoding = None
    expected_content_length = 0
    message_event: Any = _Nobody()
    #: Whether somebody waits, or has waited, for a message.
    awaited = False

    def __init__(self, protocol: HttpToolsProtocol, scope: Any, body: bytes, on_response: Callable[[], None]) -> None:
        self.scope, self.body, self.on_response = scope, body, on_response  # type: ignore[assignment]
        self.transport, self.flow = protocol.transport, protocol.flow
        self.logger, self.default_headers = protocol.logger, protocol.server_state.default_headers
        self._tasks = protocol.tasks

    def begin(self, loop: asyncio.AbstractEventLoop, app: App) -> None:
        """Have it answered by a task, which is among those that the server waits for when it stops."""
        self._task = loop.create_task(self._run(app))
        self._tasks.add(self._task)

    def give(self) -> bytes | None:
        """Hand the body over, once; None when the client has left."""
        if self.disconnected:
            return None
        body, self.body = bytes(self.body), bytearray()
        return body

    async def receive(self) -> Any:
        """See ASGI."""
        if not self.awaited:
            self.awaited = True
            self.message_event = asyncio.Event()
            if self.body:
                self.message_event.set()
        return await super().receive()

    async def _run(self, app: Any) -> None:
        try:
            # As `run_asgi`, which is left to say what is wrong with an application: a coroutine less for each request.
            try:
                result = await app(self.scope, self.receive, self.send)
            except BaseException as failure:
                await self.run_asgi(_outcome(failure))
            else:
                if result is None and self.response_complete:
                    self.on_response = _nothing
                else:
                    await self.run_asgi(_outcome(None, result))
        finally:
            self._tasks.discard(self._task)
            del self._task


def _nothing() -> None:
    pass


def _outcome(failure: BaseException | None, result: object = None) -> Any:
    """Return an application that ends as one has ended."""

    async def ended(*_: object) -> object:
        if failure is not None:
            raise failure
        return result

    return ended
