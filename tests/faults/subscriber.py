"""A subscriber over WebSocket that comes back after every break and asks for what it has missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.faults.http import bare

__all__ = ["Subscriber"]

_PROTOCOL = Subprotocol("graphql-transport-ws")
_CHANGES = "subscription($after: String) { changes(after: $after) { id cursor } }"
#: Seconds without a word after which a connection is given up: a server that stands still says nothing.
_SILENCE = 5.0


@dataclass
class Subscriber:
    """Subscribes to all changes.

    Args:

        ports: one for each server; the next one is tried after each break.
        token: who asks.
        cursor: where it begins.

    Attributes:

        seen: ids of the events, in the order they came.
        breaks: how often a connection ended.
        failures: what servers said instead of changes, other than that they go.
    """

    ports: Sequence[int]
    token: str
    cursor: str
    seen: list[str] = field(default_factory=list)
    breaks: int = 0
    failures: list[str] = field(default_factory=list)

    async def follow(self) -> None:
        """Subscribe until cancelled."""
        while True:
            port = self.ports[self.breaks % len(self.ports)]
            try:
                async with connect(
                    f"ws://127.0.0.1:{port}/graphql", subprotocols=[_PROTOCOL], open_timeout=5, close_timeout=1
                ) as socket:
                    async for change in self._changes(socket):
                        self.seen.append(bare(change["id"]))
                        self.cursor = change["cursor"]
            except (OSError, TimeoutError, WebSocketException):
                pass  # killed, cut or told to come back: that is what this test is about
            self.breaks += 1
            await asyncio.sleep(0.1)

    async def _changes(self, socket: ClientConnection) -> AsyncIterator[dict[str, Any]]:
        await _say(socket, type="connection_init", payload={"token": self.token})
        waiting = 0
        while True:
            try:
                # Not wait_for, which in Python 3.11 forgets a cancellation that comes together with a message.
                async with asyncio.timeout(_SILENCE):
                    message = json.loads(await socket.recv())
            except TimeoutError:
                if waiting:
                    raise
                waiting += 1
                await _say(socket, type="ping")
                continue
            waiting = 0
            match message["type"]:
                case "connection_ack":
                    payload = {"query": _CHANGES, "variables": {"after": self.cursor}}
                    await _say(socket, id="1", type="subscribe", payload=payload)
                case "next" if "errors" not in message["payload"]:
                    yield message["payload"]["data"]["changes"]
                case "ping":
                    await _say(socket, type="pong")
                case "next" | "error":
                    self._note(json.dumps(message))
                    return
                case "complete":
                    return

    def _note(self, said: str) -> None:
        if "UNAVAILABLE" not in said and len(self.failures) < 10:
            self.failures.append(said)


async def _say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))
