"""The little of ASGI that is used bare: its types, headers, and a whole answer in one go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

__all__ = [
    "BODY",
    "DROP",
    "MEMO",
    "WHOLE",
    "App",
    "Headers",
    "Message",
    "Receive",
    "Scope",
    "Send",
    "cookie",
    "header",
    "reply",
    "with_header",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

#: Key of a scope under which our server puts a function that drops the connection at once: a transport that is only closed
#: waits for ever for a client that does not read.
DROP = "crmcore.drop"
#: Key of a scope under which our server puts a function that gives the body if all of it is there, None if not.
BODY = "crmcore.body"
#: Key of a scope under which our server puts a function that takes a whole answer at once: status, header lines with the empty
#: one that ends them, body. It says whether it took it; if not, the answer goes by messages.
WHOLE = "crmcore.whole"
#: Key of a scope under which our server puts a dictionary that all requests with the same head share, but for its length: what
#: depends on the head alone may be kept there.
MEMO = "crmcore.memo"

_SEEN = "crmcore.headers"


def header(scope: Scope, name: bytes) -> str | None:
    """Return a request header (name in lower case), the first if it was sent several times, None when it was not sent."""
    headers = scope["headers"]
    seen: tuple[object, dict[bytes, str]] | None = scope.get(_SEEN)
    if seen is None or seen[0] is not headers:
        # A request is asked for eight headers; going through all of them each time was 2 % of a query by id.
        seen = scope[_SEEN] = headers, {name: value.decode("latin-1") for name, value in reversed(list(headers))}
    return seen[1].get(name)


def with_header(scope: Scope, name: bytes, value: bytes) -> None:
    """Give a scope another value of a header that it has once."""
    headers = [(known, value if known == name else was) for known, was in scope["headers"]]
    if (seen := scope.get(_SEEN)) is not None:
        scope[_SEEN] = headers, {**seen[1], name: value.decode("latin-1")}
    scope["headers"] = headers


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
