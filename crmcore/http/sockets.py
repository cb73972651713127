"""uvicorn's WebSocket protocol, with a way to drop a client that does not read."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from crmcore.http.asgi import DROP

__all__ = ["Sockets"]


class Sockets(WebSocketsSansIOProtocol):
    """See `crmcore.http.asgi.DROP`."""

    def handle_connect(self, event: Request) -> None:
        """Begin to serve a connection."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope[DROP] = self.transport.abort  # type: ignore[literal-required]
