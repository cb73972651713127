"""The server takes its port first, and ends what it began."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import Any

import httpx
import pytest

from crmcore.errors import SetupError
from crmcore.http.server import listen, serve
from crmcore.settings import Http


class Slow:
    """An application whose requests last until they are released; its lifespan ends last."""

    def __init__(self) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()
        self.told: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.told.append("stopped")
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.begun.set()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.told.append("cut")
            raise
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})
        self.told.append("answered")


async def begin(app: Slow, settings: Http) -> tuple[asyncio.Task[None], asyncio.Task[httpx.Response]]:
    """Serve, and have one request under way."""
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    server = asyncio.create_task(serve(app, listener, settings))  # type: ignore[arg-type]
    client = httpx.AsyncClient(timeout=30)
    request = asyncio.create_task(client.get(url))
    await app.begun.wait()
    return server, request


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_request_under_way_is_answered(number: signal.Signals) -> None:
    """After the signal the request ends first, then the application, then the server, which raises nothing."""
    app = Slow()
    server, request = await begin(app, Http(stop_timeout=30))
    os.kill(os.getpid(), number)
    asyncio.get_running_loop().call_later(0.2, app.released.set)
    assert (await request).text == "done"
    await server
    assert app.told == ["answered", "stopped"]


async def test_a_request_that_never_ends_is_cut() -> None:
    """Stopping is bounded: what has not ended in time is cancelled, and the application still closes in order."""
    app = Slow()
    server, request = await begin(app, Http(stop_timeout=0))
    os.kill(os.getpid(), signal.SIGTERM)
    assert (await request).status_code == 500
    await server
    assert app.told == ["cut", "stopped"]


def test_answers_are_not_held_back() -> None:
    """asyncio switches Nagle's algorithm off only where the socket names its protocol."""
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_told_with_the_way_out() -> None:
    """Before anything slow begins."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"127\.0\.0\.1:{port}.*--port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    """A name that is nobody's, and an address that is not ours."""
    with pytest.raises(SetupError, match="--host"):
        listen(host, 0)
