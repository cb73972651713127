"""The least of HTTP that a client needs: one connection, kept alive, and a word for not knowing what became of a request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["Caller", "Lost", "bare"]

#: Seconds after which a client gives up on an answer and asks elsewhere, whatever the first server is still doing.
_PATIENCE = 2.5


def bare(id: str) -> str:
    """Return an id as the database has it, without the name of what it identifies."""
    return id.rpartition("_")[2]


class Lost(Exception):
    """No answer came; the request may have been done or not."""


@dataclass
class Caller:
    """Posts JSON to one server, over one connection.

    Args:

        port: of the server, or of the proxy before it.
        token: who asks.
    """

    port: int
    token: str
    _ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def graphql(self, query: str, variables: Any = None) -> dict[str, Any]:
        """Ask an operation and return the whole answer, parsed; see `post`."""
        return await self.post("/graphql", {"query": query, "variables": variables})

    async def post(self, path: str, asked: Any) -> dict[str, Any]:
        """Post JSON to a path and return the whole answer, parsed.

        Raises:

            Lost: no answer came, or none that is whole.
        """
        try:
            async with self._turn, asyncio.timeout(_PATIENCE):
                return msgspec.json.decode(await self._post(path, msgspec.json.encode(asked)), type=dict[str, Any])
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError, msgspec.DecodeError) as error:
            self.close()
            raise Lost(repr(error)) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection up."""
        if self._ends is not None:
            self._ends[1].transport.abort()
            self._ends = None

    async def _post(self, path: str, body: bytes) -> bytes:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._ends
        head = (
            f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\ncontent-type: application/json\r\n"
            f"authorization: Bearer {self.token}\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
        said = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(said.partition("content-length:")[2].partition("\r\n")[0])
        return await reader.readexactly(length)
