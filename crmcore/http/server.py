"""Running the application with uvicorn, until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING

import uvicorn

from crmcore.errors import SetupError
from crmcore.http.entrance import Entrance
from crmcore.http.sockets import Sockets
from crmcore.http.whole import WholeAnswers

if TYPE_CHECKING:
    from litestar import Litestar

    from crmcore.settings import Http

__all__ = ["listen", "serve"]


def listen(host: str, port: int) -> socket.socket:
    """Take a port before anything slow begins, so that a taken one is told at once.

    Args:

        host: address or name; `::` and `0.0.0.0` are every network of this machine.
        port: TCP port; 0 takes a free one.

    Raises:

        SetupError: the port is taken, not permitted, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, unlike socket.create_server: only then does asyncio turn Nagle's algorithm off, which
    # would hold every answer back for the 40 ms of a delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        message = (
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop the program that uses the port, or choose another with --port (0 takes a free one) or --host."
        )
        raise SetupError("cannot-listen", [message]) from None
    return listener


async def serve(
    app: Litestar,
    listener: socket.socket,
    settings: Http,
    stopping: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; then requests that run get `stop_timeout` seconds to end.

    WebSockets are closed with 1012 (service restart), so that clients come back.

    Args:

        app: the application.
        listener: from `listen`; closed at the end.
        settings: the HTTP server's.
        stopping: called when the server was told to stop, before it waits for requests: ends what would not end by itself.
    """
    config = uvicorn.Config(
        Entrance(app, settings.trusted_proxies),
        interface="asgi3",
        http=WholeAnswers,
        ws=Sockets,
        ws_max_size=settings.body_limit,
        # Answers are short, and each would be compressed for every subscriber anew.
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        proxy_headers=False,  # the entrance has them
        timeout_graceful_shutdown=ceil(settings.stop_timeout),
    )
    await _Server(config, stopping).serve(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stopping: Callable[[], Awaitable[None]] | None) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._stopping is not None:
            await self._stopping()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again once it has stopped, which ends the process with status -15 before the
        # caller could close the database.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
