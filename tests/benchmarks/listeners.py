"""Subscribers that listen and do nothing else: `python -m tests.benchmarks.listeners PORT COUNT`, a token on standard input.

Says `ready` when all of them have subscribed, and ends when it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_CHANGES = "subscription { changes(entities: [CUSTOMER]) { cursor type recordId } }"
_PROTOCOL = Subprotocol("graphql-transport-ws")


async def _listen(port: int, count: int, token: str) -> None:
    async with AsyncExitStack() as stack:
        sockets = []
        for _ in range(count):
            socket = await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=[_PROTOCOL], compression=None)
            )
            await _send(socket, {"type": "connection_init", "payload": {"token": token}})
            said = msgspec.json.decode(await socket.recv())
            if said["type"] != "connection_ack":
                msg = f"The server does not take a subscriber: {said}"
                raise RuntimeError(msg)
            await _send(socket, {"type": "subscribe", "id": "1", "payload": {"query": _CHANGES}})
            sockets.append(socket)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.gather(*map(_hear, sockets))


async def _hear(socket: ClientConnection) -> None:
    async for text in socket:
        said = msgspec.json.decode(text)
        if said["type"] == "ping":
            await _send(socket, {"type": "pong"})
        elif said["type"] != "next":
            msg = f"The server ends a subscription: {said}"
            raise RuntimeError(msg)


async def _send(socket: ClientConnection, message: object) -> None:
    await socket.send(msgspec.json.encode(message).decode())


if __name__ == "__main__":
    asyncio.run(_listen(int(sys.argv[1]), int(sys.argv[2]), sys.stdin.readline().strip()))
