"""The line to the server: what waits goes out in one piece with the next message of the driver, ahead of it or behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from crmcore.database.postgresql.ahead import Ahead

__all__ = ["Line"]


class Line:
    """An event loop as `asyncpg.connect` takes it, whose connections send along what waits.

    asyncpg has no pipelining. It hands each message to a transport, and passes over the acknowledgements of statements that
    it did not send itself, for it sends such batches when it prepares anew.

    Args:

        loop: the loop that everything really runs on.
        ahead: what waits.

    Attributes:

        connecting: whether what is opened is the connection itself; later it is one that cancels a statement, and nothing
            is sent ahead there.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, ahead: Ahead) -> None:
        self._loop, self._ahead = loop, ahead
        self.connecting = True

    async def create_connection(self, factory: Callable[[], Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """See `asyncio.AbstractEventLoop`."""
        return await self._joined(self._loop.create_connection, factory, *args, **kwargs)

    async def create_unix_connection(self, factory: Callable[[], Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """See `asyncio.AbstractEventLoop`."""
        return await self._joined(self._loop.create_unix_connection, factory, *args, **kwargs)

    async def start_tls(self, transport: Any, *args: Any, **kwargs: Any) -> Any:
        """See `asyncio.AbstractEventLoop`."""
        if not isinstance(transport, _Transport):
            return await self._loop.start_tls(transport, *args, **kwargs)
        return _Transport(await self._loop.start_tls(transport.plain, *args, **kwargs), self._ahead)

    async def _joined(self, connect: Any, factory: Callable[[], Any], *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if not self.connecting:
            return await connect(factory, *args, **kwargs)  # type: ignore[no-any-return]
        joint = _Joint(factory(), self._ahead)
        await connect(lambda: joint, *args, **kwargs)
        return joint.transport, joint.protocol

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)


class _Joint(asyncio.Protocol):
    """Stands where the driver's protocol will, until there is a transport to wrap for it."""

    transport: _Transport

    def __init__(self, protocol: Any, ahead: Ahead) -> None:
        self.protocol, self._ahead = protocol, ahead

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = _Transport(transport, self._ahead)
        transport.set_protocol(self.protocol)
        self.protocol.connection_made(self.transport)


class _Transport:
    def __init__(self, plain: Any, ahead: Ahead) -> None:
        self.plain, self._ahead = plain, ahead

    def write(self, data: Any) -> None:
        if self._ahead.waiting:
            data = b"".join((self._ahead.take(), data))
        if self._ahead.behind:
            data = self._ahead.with_behind(bytes(data))
        self.plain.write(data)

    def writelines(self, lines: Iterable[Any]) -> None:
        self.write(b"".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)
