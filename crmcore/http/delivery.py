"""The two ways of sending less than the whole answer: compressed, or only that it has not changed."""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache, partial
from hashlib import blake2b

from crmcore.http.asgi import Headers, Scope, Send, header, reply

__all__ = ["deliver", "takes_gzip"]

#: Higher levels take two to three times as long for a tenth less.
_LEVEL = 1
#: Bytes that take longer to compress than other requests should wait; a thread does it then.
_LONG = 256 * 1024


async def deliver(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes,
    headers: Headers = (),
    *,
    compress_above: int,
) -> None:
    """Answer a GET with a tag by which the client can ask whether something has changed; compress what is long.

    The tag spares the way, not the work: the answer is read before it is compared. `Cache-Control: no-store` stays, so
    browsers keep neither answer nor tag on their disks; programs that ask again and again may.

    Args:

        scope: the request.
        send: to the client.
        status: HTTP status.
        body: the whole answer.
        content_type: its type.
        headers: more headers.
        compress_above: bytes above which a body is compressed for a client that takes gzip.
    """
    headers = list(headers)
    if scope["method"] == "GET" and status == 200:
        tag = f'W/"{blake2b(body, digest_size=9).hexdigest()}"'
        headers.append((b"etag", tag.encode()))
        if tag in _tags(header(scope, b"if-none-match") or ""):
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
    if len(body) > compress_above and takes_gzip(header(scope, b"accept-encoding")):
        compress = partial(gzip.compress, body, _LEVEL, mtime=0)
        body = await asyncio.to_thread(compress) if len(body) > _LONG else compress()
        headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
    await reply(send, status, body, content_type, headers)


@lru_cache(64)
def takes_gzip(accepted: str | None) -> bool:
    """Say whether a client takes gzip, by its header Accept-Encoding (RFC 9110, 12.5.3)."""
    weights: dict[str, bool] = {}
    for part in (accepted or "").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        weights[name] = not any(p.replace(" ", "").rstrip("0.") == "q=" for p in parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def _tags(given: str) -> set[str]:
    return {tag.strip() for tag in given.split(",")}
