"""What uvicorn calls: the shortest way to the front door for each request."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, cast

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from crmcore.http.asgi import MEMO, App, Receive, Scope, Send
from crmcore.http.front_door import FrontDoor

if TYPE_CHECKING:
    from litestar import Litestar

__all__ = ["Entrance"]


class Entrance:
    """An ASGI application that has around a request only what this one needs.

    uvicorn's middleware for proxies is for requests that came through one, Litestar's entrance for its own handlers and the
    lifespan. Each is a coroutine that all others would be awaited through, at each of their steps.

    Args:

        app: the application.
        trusted: addresses of proxies whose word counts, as uvicorn takes them.
    """

    def __init__(self, app: Litestar, trusted: str | list[str]) -> None:
        self._app = cast("App", app)
        # A worker's application has none: it only tells how the worker is.
        door = getattr(app, "asgi_handler", None)
        self._front_door = door if isinstance(door, FrontDoor) else self._app
        self._proxied: Any = ProxyHeadersMiddleware(cast("Any", self._inside), trusted)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request, connection or lifespan."""
        if MEMO in scope:  # to `/graphql`, with a head that has nothing of proxies, as `Head` has seen
            return self._front_door(scope, receive, send)
        for name, _ in scope.get("headers", ()):
            if name.startswith(b"x-forwarded-"):
                return self._proxied(scope, receive, send)  # type: ignore[no-any-return]
        if scope["type"] == "http" and scope["path"] == "/graphql":  # as `_inside`
            return self._front_door(scope, receive, send)
        return self._app(scope, receive, send)

    def _inside(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["path"] == "/graphql":
            return self._front_door(scope, receive, send)
        return self._app(scope, receive, send)
