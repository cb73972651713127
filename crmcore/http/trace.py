"""What is known of one request for the log: nothing of what it carries."""

from __future__ import annotations

import re
from random import Random
from time import perf_counter

from crmcore.access.actor import Actor
from crmcore.database.tally import Tally
from crmcore.http.asgi import Scope, header

__all__ = ["Trace", "trace_of"]

_WELL_FORMED = re.compile(r"[A-Za-z0-9._~-]{8,128}").fullmatch
_KEY = "crmcore"
#: Nobody is let in by a request's id, so that it need not cost a system call.
_ids = Random()  # noqa: S311


class Trace(Tally):
    """One request as the log and the metrics tell of it, with its statements; `operation` is a GraphQL operation's name.

    `request_id` is the client's `X-Request-Id` when it is well-formed, else one made here; returned with the answer.

    Attributes:

        actor: who asked, once that is known.
        status: HTTP status sent, 0 before anything was sent.
        incident: id under which an unexpected exception was logged.
        errors: how many GraphQL errors the answer has.
        gone: whether the client left before it was answered.
    """

    request_id: str

    __slots__ = ("actor", "errors", "gone", "incident", "started", "status")

    def __init__(self, scope: Scope) -> None:
        given = header(scope, b"x-request-id")
        super().__init__(given if given and _WELL_FORMED(given) else f"{_ids.getrandbits(128):032x}")
        self.started = perf_counter()
        self.actor: Actor | None = None
        self.status = 0
        self.incident: str | None = None
        self.errors = 0
        self.gone = False
        scope[_KEY] = self


def trace_of(scope: Scope) -> Trace:
    """Return the trace of the request a scope belongs to."""
    trace: Trace = scope[_KEY]
    return trace
