"""A line between the driver and PostgreSQL that counts round trips and, if asked, changes servers as PgBouncer does."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from struct import pack, unpack
from urllib.parse import parse_qs, urlsplit

_PROTOCOL, _CANCEL, _SSL = 196608, 80877102, 80877103
#: After these the driver waits: Query, Sync, Flush.
_WAITS = (b"Q", b"S", b"H")
#: What PgBouncer takes at the start; it refuses everything else.
_TAKEN = frozenset(
    "user database client_encoding datestyle timezone standard_conforming_strings application_name".split()
)


@dataclass
class Link:
    """A connection to the server; `greeting` is what it said at the start, `key` what cancels its statement."""

    reader: StreamReader
    writer: StreamWriter
    greeting: bytes
    key: bytes


class Wire:
    """Where the driver connects to in the server's place.

    Args:

        url: of the database, with a Unix socket's folder as host.
        changing: whether each transaction goes to the server connection that was not used the longest, of two or more.
            Those have a time zone of their own, so that nothing can rest on what a session holds.

    Attributes:

        rounds: how often the driver waited for the server.
        links: connections to the server.
    """

    def __init__(self, url: str, *, changing: bool = False) -> None:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        self._server = f"{query['host'][0]}/.s.PGSQL.{query.get('port', ['5432'])[0]}"
        self._user, self._database = parts.username or "postgres", parts.path.strip("/")
        self._changing = changing
        self._free: deque[Link] = deque()
        self._clients: dict[bytes, Client] = {}
        self._numbers = count(1)
        self.links: list[Link] = []
        self.rounds = 0

    def url(self, folder: Path, options: str = "") -> str:
        """Return the URL that leads through this wire."""
        return f"postgresql://{self._user}@/{self._database}?host={folder}{options}"

    @asynccontextmanager
    async def strung(self, folder: Path) -> AsyncIterator[None]:
        """Listen in a folder while the block runs."""
        server = await asyncio.start_unix_server(self._serve, folder / ".s.PGSQL.5432")
        try:
            yield
        finally:
            server.close()
            for link in self.links:
                link.writer.close()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._served(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _served(self, reader: StreamReader, writer: StreamWriter) -> None:
        code, body = await _startup(reader, writer)
        if code == _CANCEL:
            await self._cancel(body)
            return
        words = body.decode().split("\0")
        given = dict(zip(words[:-2:2], words[1:-2:2], strict=False))
        if self._changing and (strange := set(given) - _TAKEN):
            writer.write(_refusal(f"unsupported startup parameter: {min(strange)}"))
            return
        key = pack("!ii", next(self._numbers), 0)
        client = self._clients[key] = Client(self, writer, await self.take(given))
        writer.write(client.greeting(key))
        try:
            await client.forward(reader)
        finally:
            del self._clients[key]
            client.close()

    async def _cancel(self, key: bytes) -> None:
        if key in self._clients and (link := self._clients[key].link) is not None:
            _, writer = await asyncio.open_unix_connection(self._server)
            writer.write(pack("!ii", 16, _CANCEL) + link.key)
            writer.close()

    async def take(self, given: Mapping[str, str]) -> Link:
        """Return the connection to the server that has waited the longest, or a new one."""
        if len(self._free) > 1:
            return self._free.popleft()
        zone = {"timezone": "Asia/Shanghai"} if self._changing else {}
        words = {"user": self._user, "database": self._database, **given, **zone}
        body = pack("!i", _PROTOCOL) + b"".join(f"{k}\0{v}\0".encode() for k, v in words.items()) + b"\0"
        reader, writer = await asyncio.open_unix_connection(self._server)
        writer.write(pack("!i", len(body) + 4) + body)
        said: list[bytes] = []
        key = b""
        while not said or said[-1][:1] != b"Z":
            said.append(await _message(reader))
            key = said[-1][5:] if said[-1][:1] == b"K" else key
        link = Link(reader, writer, b"".join(m for m in said if m[:1] not in b"KZ"), key)
        self.links.append(link)
        return link

    def answered(self, link: Link, *, over: bool) -> bool:
        """Take a connection back if no transaction is open and it need not stay with its client."""
        if over and self._changing:
            self._free.append(link)
            return True
        return False


class Client:
    """One connection of the driver, and the connection to the server that it has at the moment."""

    def __init__(self, wire: Wire, writer: StreamWriter, link: Link) -> None:
        self._wire, self._writer = wire, writer
        self.link: Link | None = None
        self._first: Link | None = link
        self._back: asyncio.Task[None] | None = None

    def greeting(self, key: bytes) -> bytes:
        """Return what a server says at the start."""
        assert self._first is not None
        return self._first.greeting + b"K" + pack("!i", 12) + key + b"Z" + pack("!i", 5) + b"I"

    async def forward(self, reader: StreamReader) -> None:
        """Pass on what the driver sends, until it says goodbye."""
        while (message := await _message(reader))[:1] != b"X":
            if self.link is None:
                self.link, self._first = self._first or await self._wire.take({}), None
                self._back = asyncio.create_task(self._answers(self.link))
            self.link.writer.write(message)
            if message[:1] in _WAITS:
                self._wire.rounds += 1

    def close(self) -> None:
        """End what is open."""
        for link in (self.link, self._first):
            if link is not None:
                link.writer.close()
        if self._back is not None:
            self._back.cancel()

    async def _answers(self, link: Link) -> None:
        while True:
            message = await _message(link.reader)
            if message[:1] == b"Z" and self._wire.answered(link, over=message[-1:] == b"I"):
                self.link = None
            self._writer.write(message)
            if self.link is None:
                return


async def _startup(reader: StreamReader, writer: StreamWriter) -> tuple[int, bytes]:
    while True:
        (length,) = unpack("!i", await reader.readexactly(4))
        body = await reader.readexactly(length - 4)
        (code,) = unpack("!i", body[:4])
        if code != _SSL:
            return code, body[4:]
        writer.write(b"N")


async def _message(reader: StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(unpack("!i", head[1:])[0] - 4)


def _refusal(text: str) -> bytes:
    body = f"SFATAL\0VFATAL\0C08P01\0M{text}\0\0".encode()
    return b"E" + pack("!i", len(body) + 4) + body
