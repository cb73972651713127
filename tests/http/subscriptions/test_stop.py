"""A server that stops."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.http.subscriptions.conftest import LIMIT, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES = "subscription { changes(entities: [CUSTOMER]) { recordId } }"


async def test_stop(served: Served) -> None:
    """A server that stops ends every subscription at once, WebSockets with the code by which clients come back."""
    host, port = served.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    query = "subscription%20%7B%20changes%20%7B%20cursor%20%7D%20%7D"
    writer.write(
        f"GET /graphql?query={query} HTTP/1.1\r\nhost: {served.address}\r\naccept: text/event-stream\r\n"
        f"authorization: Bearer {served.token}\r\n\r\n".encode()
    )
    async with served.begun() as socket:
        await socket.subscribe("a", CHANGES)
        await served.following(2)
        started = asyncio.get_running_loop().time()
        os.kill(os.getpid(), signal.SIGTERM)
        assert 1012 == (await socket.closed())[0]
        async with asyncio.timeout(LIMIT):
            rest = await reader.read(-1)
        assert b"event: complete" not in rest
        assert asyncio.get_running_loop().time() - started < 2.0
    writer.close()
