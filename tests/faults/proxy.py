"""A proxy that swallows answers: whoever asked never learns what was done. Before servers, and before a database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

__all__ = ["Proxy"]

_CHUNK = 1 << 16


class Proxy:
    """Passes on what comes to it.

    Args:

        upstream: TCP port of a server on this machine, or its Unix socket.

    Attributes:

        swallowed: how many answers it has swallowed.
    """

    def __init__(self, upstream: int | Path) -> None:
        self._upstream = upstream
        self._pending = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.swallowed = 0

    @property
    def port(self) -> int:
        """Where it listens, if that is a port."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, socket: Path | None = None) -> None:
        """Begin to listen, on a Unix socket or a free port."""
        if socket is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        else:
            self._server = await asyncio.start_unix_server(self._serve, socket)

    async def stop(self) -> None:
        """Cut everything and listen no more."""
        self.sever()
        if self._server is not None:
            self._server.close()

    def swallow(self, answers: int) -> None:
        """Keep the next answers to itself and cut their connections."""
        self._pending += answers

    def sever(self) -> None:
        """Cut all connections, in the middle of whatever they carry."""
        for writer in self._open:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, up = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, up}
        self._open |= ends
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._ask(reader, up, ends))
                both.create_task(self._answer(there, writer, ends))
        finally:
            self._open -= ends
            _cut(ends)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(self._upstream)
        return await asyncio.open_connection("127.0.0.1", self._upstream)

    async def _ask(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, ends: set[asyncio.StreamWriter]
    ) -> None:
        with suppress(OSError):
            while data := await source.read(_CHUNK):
                sink.write(data)
                await sink.drain()
        _cut(ends)

    async def _answer(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, ends: set[asyncio.StreamWriter]
    ) -> None:
        with suppress(OSError):
            while data := await source.read(_CHUNK):
                if self._pending:
                    self._pending -= 1
                    self.swallowed += 1
                    break
                sink.write(data)
                await sink.drain()
        _cut(ends)


def _cut(ends: set[asyncio.StreamWriter]) -> None:
    for end in ends:
        end.transport.abort()
