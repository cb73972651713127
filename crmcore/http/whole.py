"""Answers that leave in one piece: uvicorn writes head and body apart, and each write is a system call."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crmcore.http.asgi import DROP

__all__ = ["WholeAnswers"]


class WholeAnswers(HttpToolsProtocol):
    """uvicorn's HTTP protocol with a transport that keeps a head back until its body comes.

    A system call costs 10 µs and more, as much as parsing the request; and a client is not woken for a head alone.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(_Holding(transport, self.loop))  # type: ignore[arg-type]

    def on_message_begin(self) -> None:
        """See `httptools.HttpRequestParser`."""
        super().on_message_begin()
        self.scope[DROP] = self.transport.abort  # type: ignore[literal-required]


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
