"""Reads that are asked for at once go out as one statement: what a read costs is mostly the way there and back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from time import perf_counter
from typing import Any, Protocol, runtime_checkable

import msgspec

from crmcore.database.connection import Params
from crmcore.database.failures import Busy

__all__ = ["Asked", "Gathered", "Gathering", "Row", "Shared", "Together"]

_log = logging.getLogger("crmcore.database.gathering")

Row = tuple[Any, ...]

#: Statements whose lines are kept: those of all plans.
_LINES = 1024
#: Reads that go together at most.
_MOST = 32
#: Microseconds that a group should take on the database, by what its line's groups took; those in it wait for each other.
_TARGET = 5000.0
#: How much a group counts in what is thought of its line, if it took longer and if it took less: a machine with much to do makes
#: any statement look slow now and then, and none look quick.
_SLOWER, _QUICKER = 0.1, 0.5
#: Groups of one line that are under way before others wait for one of them, and how many seconds they wait.
_UNDER_WAY, _PATIENCE = 2, 0.003
#: Seconds for which the reads of a line go alone when they took too long together.
_REST = 10.0
#: Microseconds of the database from which on equal reads are looked for: comparing values takes two.
_DEAR = 200.0


class Gathered(Protocol):
    """A statement as many of its reads ask for."""

    def same(self, params: Params) -> Hashable:
        """Return what reads that go together must have in common."""
        ...

    async def fetch(self, asked: Sequence[Params]) -> tuple[list[Row], float]:
        """Return the row of each, and how many microseconds the database took."""
        ...


@runtime_checkable
class Comparing(Gathered, Protocol):
    """One that can tell which reads are equal."""

    def exactly(self, params: Params) -> Hashable:
        """Return what two reads have in common that cannot be told apart."""
        ...


class Shared(Protocol):
    """What several asked for."""

    def left(self) -> None:
        """Learn that one of them waits no longer."""
        ...


class Together(msgspec.Struct, frozen=True):
    """What a read that went with others got: its row, and the seconds that all of them took."""

    row: Row
    seconds: float


class Asked(msgspec.Struct, eq=False):
    """A read that waits: for its row, or for word that it goes alone (None)."""

    params: Params
    answer: asyncio.Future[Together | None]
    group: Shared | None = None

    def leave(self) -> None:
        """Wait no longer: the group goes on for the others."""
        if self.group is not None:
            self.group.left()


class Gathering:
    """Lets reads of the same statement go out together when they are asked for in the same round of the event loop.

    Nothing waits for company: who is alone in a round goes alone. While groups of a statement are under way, others of it
    wait for one to come back, for a moment at most. What takes the database long goes alone as well, as its groups have shown.
    Equal reads of a group, of the same values and so of the same person, are one, where a read is dear enough to look for them.

    A group has a snapshot that begins after each of its reads was asked for. Values go in and rows come out by position, so
    that each read has what it would have had alone. Where a group fails, whatever the reason, each is asked alone.

    Args:

        prepare: makes of a statement what many of its reads ask for; None if it cannot be had.
        went: told of each group how many reads it had.
    """

    def __init__(self, prepare: Callable[[str], Awaitable[Gathered | None]], went: Callable[[int], None]) -> None:
        self._prepare, self._went = prepare, went
        self._lines: dict[str, _Line] = {}

    def ask(self, sql: str, params: Params) -> Asked | None:
        """Have a read go with others; None if it is to go alone."""
        line = self._lines.get(sql)
        if line is None:
            if len(self._lines) >= _LINES:  # the oldest; it is made again if it is asked for
                del self._lines[next(iter(self._lines))]
            line = self._lines[sql] = _Line(sql, self._prepare, self._went)
        return line.ask(params)


class _Line:
    def __init__(
        self, sql: str, prepare: Callable[[str], Awaitable[Gathered | None]], went: Callable[[int], None]
    ) -> None:
        self.went = went
        self._sql, self._prepare = sql, prepare
        self._gathered: Gathered | None = None
        self._exactly: Callable[[Params], Hashable] | None = None
        self._waiting: list[Asked] = []
        self._called = False
        self._late: asyncio.TimerHandle | None = None
        self._under_way: set[_Group] = set()
        self._resting_until = 0.0
        self._each = _TARGET / 4

    def ask(self, params: Params) -> Asked | None:
        loop = asyncio.get_running_loop()
        if self._resting_until and loop.time() < self._resting_until:
            return None
        asked = Asked(params, loop.create_future())
        self._waiting.append(asked)
        if not self._called:
            self._called = True
            loop.call_soon(self._go)
        return asked

    def over(self, group: _Group) -> None:
        """Let the next go when a group has come back."""
        self._under_way.discard(group)
        if self._waiting and not self._called:
            self._go()

    def took(self, each: float, *, equal: bool) -> None:
        """Learn how many microseconds of the database each read of a group took.

        However long it was, if all were equal nobody waited for another's: alone, each would have the database do the same again.
        """
        self._each += (each - self._each) * (_SLOWER if each > self._each else _QUICKER)
        if self._each > _TARGET / 2 and not equal:
            self._rest(_REST)

    def _rest(self, seconds: float) -> None:
        self._resting_until = asyncio.get_running_loop().time() + seconds
        self._each = _TARGET / 4

    async def gathered(self, reads: Sequence[Asked]) -> Gathered | None:
        """Return what these reads ask for together, None if they cannot."""
        if self._gathered is not None:
            return self._gathered
        gathered = await self._prepare(self._sql)
        if gathered is None:
            self._rest(float("inf"))
            return None
        self._gathered = gathered
        self._exactly = gathered.exactly if isinstance(gathered, Comparing) else None
        # They were put together before anybody knew what they must have in common.
        return gathered if len({gathered.same(asked.params) for asked in reads}) == 1 else None

    def _go(self) -> None:
        self._called = False
        self._waiting = [asked for asked in self._waiting if not asked.answer.done()]  # the others have left
        if len(self._under_way) < _UNDER_WAY:
            self._send()
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(_PATIENCE, self._overdue)

    def _overdue(self) -> None:
        self._late = None
        self._send()

    def _send(self) -> None:
        alike: dict[Hashable, list[Asked]] = {}
        for asked in self._waiting:
            common = None if self._gathered is None else self._gathered.same(asked.params)
            alike.setdefault(common, []).append(asked)
        self._waiting = []
        size = max(2, min(_MOST, int(_TARGET / self._each)))
        for reads in alike.values():
            if self._exactly is not None and self._each > _DEAR:
                self._part_equal(reads, size, self._exactly)
            else:
                for first in range(0, len(reads), size):
                    self._part(reads[first : first + size])

    def _part_equal(self, reads: list[Asked], size: int, exactly: Callable[[Params], Hashable]) -> None:
        equal: dict[Hashable, list[Asked]] = {}
        for asked in reads:
            equal.setdefault(exactly(asked.params), []).append(asked)
        each = list(equal.values())
        for first in range(0, len(each), size):
            part = each[first : first + size]
            places = [place for place, same in enumerate(part) for _ in same]
            self._part([asked for same in part for asked in same], places)

    def _part(self, reads: list[Asked], places: list[int] | None = None) -> None:
        if len(reads) == 1:
            reads[0].answer.set_result(None)
        else:
            self._under_way.add(_Group(self, reads, places))


class _Group:
    """Reads that go together.

    Args:

        line: theirs.
        reads: all of them.
        places: for each which of the different ones it is, in ascending order; None if each may be another one.
    """

    def __init__(self, line: _Line, reads: list[Asked], places: list[int] | None) -> None:
        self._line, self._reads, self._places = line, reads, places
        self._here = len(reads)
        for asked in reads:
            asked.group = self
        # A context of its own: the statement belongs to none of the requests.
        self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())

    def left(self) -> None:
        """End the statement when nobody waits for it any more."""
        self._here -= 1
        if not self._here:
            self._task.cancel()

    async def _run(self) -> None:
        try:
            await self._answer()
        except Busy as busy:  # nobody would be quicker alone
            for asked in self._reads:
                if not asked.answer.done():
                    asked.answer.set_exception(busy)
        except Exception as error:  # one of them may be to blame, or all: asked alone, each hears what is its own
            _log.info("%d reads that went together failed (%r) and are asked alone.", len(self._reads), error)
        finally:
            for asked in self._reads:
                if not asked.answer.done():
                    asked.answer.set_result(None)
                # Or each group would be left to the garbage collector, which stops the whole process for it.
                asked.group = None
            self._line.over(self)

    async def _answer(self) -> None:
        gathered = await self._line.gathered(self._reads)
        if gathered is None:
            return
        started, places = perf_counter(), self._places
        if places is None:
            different = [asked.params for asked in self._reads]
        else:
            different = list(dict(zip(places, [asked.params for asked in self._reads], strict=True)).values())
        rows, microseconds = await gathered.fetch(different)
        seconds = perf_counter() - started
        self._line.took(microseconds / len(rows), equal=len(rows) == 1)
        self._line.went(len(self._reads))
        if places is not None:
            rows = [rows[place] for place in places]
        for asked, row in zip(self._reads, rows, strict=True):
            if not asked.answer.done():  # a request that has gone waits no longer
                asked.answer.set_result(Together(row, seconds))
