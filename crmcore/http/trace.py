"""What is known of one request for the log: nothing of what it carries."""

from __future__ import annotations

import re
from secrets import token_hex
from time import perf_counter

from crmcore.access.actor import Actor
from crmcore.http.asgi import Scope, header

__all__ = ["Trace", "trace_of"]

_WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{8,128}").fullmatch
_KEY = "crmcore"


class Trace:
    """One request as the log tells of it.

    Attributes:

        request_id: the client's `X-Request-Id` when it is well-formed, else one made here; returned with the answer.
        operation: name of the GraphQL operation, or None.
        actor: who asked, once that is known.
        status: HTTP status sent, 0 before anything was sent.
        incident: id under which an unexpected exception was logged.
    """

    __slots__ = ("actor", "incident", "operation", "request_id", "started", "status")

    def __init__(self, scope: Scope) -> None:
        given = header(scope, b"x-request-id")
        self.request_id = given if given and _WELL_FORMED(given) else token_hex(16)
        self.started = perf_counter()
        self.operation: str | None = None
        self.actor: Actor | None = None
        self.status = 0
        self.incident: str | None = None
        scope[_KEY] = self

    @property
    def milliseconds(self) -> float:
        """Time since the request came, in milliseconds."""
        return round((perf_counter() - self.started) * 1000, 2)


def trace_of(scope: Scope) -> Trace:
    """Return the trace of the request a scope belongs to."""
    trace: Trace = scope[_KEY]
    return trace
