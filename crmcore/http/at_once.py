"""The short way out for an answer that is whole when it begins."""

from __future__ import annotations

from crmcore.http.asgi import WHOLE, Scope
from crmcore.http.headers import lines
from crmcore.http.trace import Trace

__all__ = ["sent_at_once"]


def sent_at_once(scope: Scope, trace: Trace, status: int, body: bytes, content_type: bytes) -> bool:
    """Answer as `reply` through the front door does, in one piece, if the server takes that; say whether it did."""
    take = scope.get(WHOLE)
    if take is None:
        return False
    taken: bool = take(status, lines(content_type, len(body), trace.request_id), body)
    if taken:
        trace.status = status
    return taken
