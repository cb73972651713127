"""The little of ASGI that is used bare: its types, headers, and a whole answer in one go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

__all__ = ["DROP", "App", "Headers", "Message", "Receive", "Scope", "Send", "cookie", "header", "reply"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

#: Key of a scope under which our server puts a function that drops the connection at once: a transport that is only closed
#: waits for ever for a client that does not read.
DROP = "crmcore.drop"


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header (name in lower case), None when it was not sent."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None


def cookie(scope: Scope, name: str) -> str | None:
    """Return a cookie's value, None when it was not sent."""
    for pair in (header(scope, b"cookie") or "").split(";"):
        key, _, value = pair.partition("=")
        if key.strip() == name:
            return value.strip().strip('"') or None
    return None


async def reply(send: Send, status: int, body: bytes, content_type: bytes, headers: Headers = ()) -> None:
    """Answer with a body that is complete."""
    length = str(len(body)).encode()
    sent = [(b"content-type", content_type), (b"content-length", length), *headers]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})
