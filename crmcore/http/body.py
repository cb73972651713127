"""Reading a request's body, never more of it than allowed."""

from __future__ import annotations

from crmcore.http.asgi import BODY, Receive, Scope, header
from crmcore.http.refused import Refused

__all__ = ["ClientGone", "read_body"]


class ClientGone(Exception):
    """The client closed the connection before its request was complete; nobody is there to answer."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """Read the whole body.

    Args:

        limit: most bytes the body may have.

    Raises:

        Refused: the body is longer (413); told before anything is read when `Content-Length` says so.
        ClientGone: the client left.
    """
    whole = scope.get(BODY)
    given: bytes | None = None if whole is None else whole()
    if given is not None:
        if len(given) > limit:
            raise _too_large(limit)
        return given
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdecimal() and int(declared[:20]) > limit:
        raise _too_large(limit)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise _too_large(limit)
    return body


def _too_large(limit: int) -> Refused:
    message = f"The body has more than {limit} bytes; send less at once, or raise the setting http.body_limit."
    # What was not read would be taken for the next request, so the connection ends here.
    return Refused(413, "TOO_LARGE", message, [(b"connection", b"close")])
