"""What the statements of one request amount to, and what they were if somebody asked."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, NamedTuple

__all__ = ["TALLY", "Tally", "Taped", "Told"]


class Taped(NamedTuple):
    """A statement that was run: its text, what was bound to it, and how long it took in seconds."""

    sql: str
    params: Any
    seconds: float


class Told(NamedTuple):
    """An inside-handler that was told of an event: whose it is, and how long it took in seconds.

    Attributes:

        plugin: who gives it.
        handler: `plugin.function`.
        event: the event's class.
        seconds: with all it caused.
        own: without what the handlers took that it caused.
    """

    plugin: str
    handler: str
    event: str
    seconds: float
    own: float


class Tally:
    """The statements of one request; whoever serves requests puts one into `TALLY` for each.

    Attributes:

        operation: what the request is called, None if that is not known.
        request_id: under which the log tells of it.
        statements: how many were run.
        database_seconds: how long they took together, waiting for a connection not included.
        wrote: whether it began to write; from then on it reads what it wrote.
        tape: the statements themselves, None if nobody asked for them.
        handlers: the inside-handlers that ran, None if nobody asked for them.
    """

    __slots__ = ("database_seconds", "handlers", "operation", "request_id", "statements", "tape", "wrote")

    def __init__(self, request_id: str | None = None) -> None:
        self.operation: str | None = None
        self.request_id = request_id
        self.statements = 0
        self.database_seconds = 0.0
        self.wrote = False
        self.tape: list[Taped] | None = None
        self.handlers: list[Told] | None = None


#: The tally of the request that this task serves, None outside of requests.
TALLY: ContextVar[Tally | None] = ContextVar("crm_tally", default=None)
