"""What an exception becomes: a refusal's own status and message, or an incident that only the log explains."""

from __future__ import annotations

import logging
from secrets import token_hex
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, SerializationException
from litestar.types import Scope as LitestarScope

from crmcore.errors import Refusal
from crmcore.http.negotiation import JSON
from crmcore.http.refused import Refused, error_body
from crmcore.http.trace import Trace, trace_of

__all__ = ["answer_to", "exception_response"]

_log = logging.getLogger("crmcore.http")

_ADVICE = {
    404: "Nothing is at this address; the API is at /graphql, the explorer at /graphiql.",
    405: "This address does not take that method; see the header Allow.",
}


def answer_to(error: Exception, trace: Trace) -> Refused:
    """Turn any exception into what the client gets; unexpected ones are logged with their traceback.

    Args:

        error: what was raised.
        trace: the request's; gets the incident's id.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, Refusal):
        return Refused.of(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_litestar(error)
    if isinstance(error, SerializationException) and isinstance(error.__cause__, msgspec.DecodeError):
        # What `request.json()` raises in a plugin's handler; a value that cannot be encoded has another cause.
        return Refused(400, "BAD_REQUEST", f"The body cannot be read: {error.__cause__}.")
    trace.incident = token_hex(8)
    _log.error("Incident %s in request %s", trace.incident, trace.request_id, exc_info=error)
    return _Incident(trace.incident)


def exception_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's handler of every exception."""
    scope: LitestarScope = request.scope
    answer = answer_to(error, trace_of(scope))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=JSON.decode())


def _of_litestar(error: HTTPException) -> Refused:
    headers = [(name.lower().encode(), str(value).encode()) for name, value in (error.headers or {}).items()]
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "TOO_LARGE"}.get(error.status_code, "BAD_REQUEST")
    return Refused(error.status_code, code, _ADVICE.get(error.status_code, error.detail), headers)


class _Incident(Refused):
    def __init__(self, incident: str) -> None:
        message = f"Something went wrong here; it is noted as incident {incident}. Tell the operator that number."
        super().__init__(500, "INTERNAL", message)
        self.incident = incident

    @property
    def body(self) -> bytes:
        return error_body(self.message, self.code, incident=self.incident)
