"""A receiver of webhooks: a bare HTTP server on this machine that keeps what it got and answers as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

__all__ = ["Message", "Receiver", "receiving"]


@dataclass(frozen=True)
class Message:
    """What was posted."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The header webhook-id."""
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Answers each message with what `answer` gives for it: a status, the bytes of an answer, or None to hang up.

    Attributes:

        url: where it listens.
        messages: in the order they came.
        answer: decides.
    """

    url: str = ""
    messages: list[Message] = field(default_factory=list)
    answer: Callable[[Message], int | bytes | None] = lambda _: 204

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until it ends."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                message = Message(headers, await reader.readexactly(int(headers["content-length"])))
                self.messages.append(message)
                if (told := self.answer(message)) is None:
                    break
                writer.write(told if isinstance(told, bytes) else b"HTTP/1.1 %d X\r\ncontent-length: 0\r\n\r\n" % told)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listen on a free port while the block runs."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
