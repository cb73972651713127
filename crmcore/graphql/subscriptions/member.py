"""One subscription that runs: what it is about, how far it was served, and where its answers go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from crmcore.access.actor import Actor
from crmcore.events.cursor import Cursor
from crmcore.graphql.subscriptions.asked import Asked
from crmcore.graphql.subscriptions.sources import Choice

__all__ = ["Member", "Sink"]

#: Answers that may wait while older ones are read.
_LONGEST = 5000


class Sink(Protocol):
    """Where the answers of one subscription go. None of these raises; what cannot be sent ends the connection."""

    def next(self, payload: str, cursor: Cursor | None) -> None:
        """Take the next answer; `cursor` is where to begin again after it."""
        ...

    async def room(self) -> None:
        """Wait until there is room for many answers."""
        ...

    def interrupted(self, reason: str) -> None:
        """Learn that nothing more comes, and that the client should begin again."""
        ...

    def refused(self, error: Exception) -> None:
        """Learn that nothing more comes, for a reason that another try does not mend."""
        ...

    def complete(self) -> None:
        """Learn that there is no more."""
        ...


class Member:
    """A subscription that runs.

    Attributes:

        asked: what it is about.
        actor: whose rules apply; looked up again now and then.
        sink: where its answers go.
        position: it was served up to here; None before it has begun.
        task: what serves it alone, None while it is served together with others.
    """

    def __init__(self, asked: Asked, actor: Actor, sink: Sink) -> None:
        self.asked, self.actor, self.sink = asked, actor, sink
        self.position: Cursor | None = asked.after
        self.task: asyncio.Task[None] | None = None
        self._later: list[tuple[Cursor, str]] | None = None

    @property
    def choice(self) -> Choice:
        """Which events it is about."""
        assert isinstance(self.asked.choice, Choice), "who watches a job is served alone"
        return self.asked.choice

    def give(self, cursor: Cursor, payload: str) -> None:
        """Serve it an event, unless it was served it before."""
        if self._later is not None:
            self._later.append((cursor, payload))
            if len(self._later) > _LONGEST:
                self.sink.interrupted("More happened than could be read; begin again after the last cursor.")
        elif self.position is None or self.position < cursor:
            self.position = cursor
            self.sink.next(payload, cursor)

    def advance(self, cursor: Cursor) -> None:
        """Note that nothing up to a cursor is missing."""
        if self._later is None and (self.position is None or self.position < cursor):
            self.position = cursor

    def hold(self) -> None:
        """Keep what it is given until `catch_up` has served what was before that."""
        self._later = []

    def catch_up(self, answers: Sequence[tuple[Cursor, str]], cursor: Cursor) -> None:
        """Serve it what was read up to a cursor, and after that what was kept."""
        kept, self._later = self._later or [], None
        for answered, payload in answers:
            self.give(answered, payload)
        self.advance(cursor)
        for answered, payload in kept:
            self.give(answered, payload)

    def forget(self) -> None:
        """Drop what was kept: it will be read again."""
        self._later = None
