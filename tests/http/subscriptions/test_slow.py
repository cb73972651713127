"""Clients that do not read."""

from __future__ import annotations

import asyncio
import socket as sockets

import pytest

from crmcore import Actor
from crmcore.entities import actions
from tests.http.subscriptions.conftest import LIMIT, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: An answer has a third of a megabyte, so that few fill what lies between a server and a client.
CHANGES = "subscription {{ changes(entities: [CUSTOMER]) {{ {} }} }}".format(
    " ".join(f"f{number}: fields {{ after }}" for number in range(25))
)


async def _write(served: Served, size: int, count: int) -> None:
    async def unit(work: object) -> None:
        for _ in range(count):
            await actions.create(
                work,  # type: ignore[arg-type]
                "customer",
                {"kind": "PERSON", "family_name": "A", "description": "x" * size},
            )

    await served.crm.run(Actor.system(), unit)


async def test_slow_socket(served: Served) -> None:
    """A client that does not read is cut off and dropped; what waited for it is not kept."""
    connections = served.connections
    before = connections.cut_off
    with served.settings(waiting_messages=5):
        raw = sockets.socket()
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        raw.setblocking(False)
        host, port = served.address.split(":")
        await asyncio.get_running_loop().sock_connect(raw, (host, int(port)))
        async with served.socket(sock=raw, max_queue=1, close_timeout=0.1) as socket:
            await socket.send(type="connection_init", payload={"token": served.token})
            assert {"type": "connection_ack"} == await socket.next()
            await socket.subscribe("a", CHANGES)
            await served.following()
            socket.raw.transport.pause_reading()
            await _write(served, 9_000, 50)
            await served.until(lambda: connections.cut_off == before + 1)
            await served.idle()
            assert not connections._open


async def test_slow_reader_learns_why(served: Served) -> None:
    """A client that reads again in time finds the reason, by which it knows to begin after its last cursor."""
    with served.settings(waiting_messages=1):
        async with served.begun() as socket:
            await socket.subscribe("a", CHANGES)
            await served.following()
            await _write(served, 10, 5)
            code, reason = await socket.closed()
            assert 4430 == code
            assert "last cursor" in reason


async def test_slow_stream(served: Served) -> None:
    """A client that does not read its event stream is dropped as well."""
    before = served.connections.cut_off
    with served.settings(waiting_messages=5):
        host, port = served.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
        body = b'{"query": "%s"}' % CHANGES.encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: {served.address}\r\nauthorization: Bearer {served.token}\r\n"
            f"content-type: application/json\r\naccept: text/event-stream\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await served.following()
        await _write(served, 9_000, 50)
        await served.until(lambda: served.connections.cut_off == before + 1)
        await served.idle()
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            async with asyncio.timeout(LIMIT):
                await reader.readexactly(10**9)
        writer.close()
