"""Transactions that need not wait for any statement but their last are committed together when they are ready at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from functools import partial
from typing import Any, Protocol

import msgspec

from crmcore.cache import Cache
from crmcore.database.connection import Isolation, Params
from crmcore.database.failures import Busy, Contention, StatementTimeout
from crmcore.errors import Unavailable

__all__ = ["GroupCommit", "Joined", "Left", "Ready", "Unread", "bound"]

_log = logging.getLogger("crmcore.database.group_commit")

Rows = list[tuple[Any, ...]]

#: Shapes of transactions that are known: which statements, in which order.
_LINES = 256
#: Transactions that go together at most: of more, the database would wait until all are ready. After a failure it is half as
#: many, and one more after each success; if there is no half, all of a line go alone for so many seconds.
_MOST, _REST = 16, 2.0
_FEWEST = 2
#: Groups of one line that are under way before others wait for one of them, and how many seconds they wait.
_UNDER_WAY, _PATIENCE = 1, 0.02


class Unread(Unavailable):
    """Transactions are committed, and what one of them shows cannot be read: each may be shown alone, none is done again."""


class Left(msgspec.Struct, eq=False):
    """A statement of a transaction that is left for the next one, or for the commit.

    Attributes:

        sql: it.
        given: what is bound, or what makes that when the statement is sent. Where many are sent together, what makes the same of
            each runs many times in a row, with all it needs near the processor: a third of the time it takes in the midst of
            everything else.
        many: what does the same for several transactions (see `Database.later`).
    """

    sql: str
    given: Params | partial[Any]
    many: str | None = None

    @property
    def params(self) -> Params:
        """What is bound; made now, if that was not done yet."""
        given: Any = self.given
        if type(given) is partial:
            given = self.given = given()
        return given  # type: ignore[no-any-return]


class Ready(msgspec.Struct, eq=False):
    """A transaction that is ready: what it writes, its last statement, and who waits for that one's rows.

    Attributes:

        answer: None says that it goes alone.
    """

    isolation: Isolation
    left: Sequence[Left]
    last: Left
    answer: asyncio.Future[Rows | None]

    @property
    def shape(self) -> Hashable:
        """What it has in common with those that it can be committed with."""
        return self.isolation, self.last.sql, *[left.sql for left in self.left]


def bound(group: Sequence[Ready]) -> list[list[Params]]:
    """Return what each statement of transactions of one shape binds for each of them, that of their last one at the end.

    One statement's after another's, so that what makes them runs for all in a row.
    """
    statements = zip(*[(*ready.left, ready.last) for ready in group], strict=True)
    return [[statement.params for statement in alike] for alike in statements]


class Joined(Protocol):
    """What commits transactions of one shape together."""

    def same(self, ready: Ready) -> Hashable:
        """Return what else they must have in common."""
        ...

    async def commit(self, group: Sequence[Ready]) -> list[Rows]:
        """Do what they do in one transaction, commit, and return the rows of each one's last statement.

        Raises:

            Exception: as any transaction; then nothing is kept, except that after `Unavailable` nobody knows.
            Unread: all is kept.
        """
        ...


class GroupCommit:
    """Commits transactions of the same statements together when they are ready in the same round of the event loop.

    Nothing waits for company: who is alone goes alone. While a group is under way, others of its shape wait for it to come
    back, for a moment at most. Where a group fails, whatever the reason, each goes alone, and hears what is its own.

    What they write does not depend on what one of the others writes: a transaction that waited for no statement has read
    nothing. What their statements look at themselves is as of the group's beginning, as between transactions that run side by
    side under snapshot isolation; only the last ones, which show what was written, see all of the group.

    Args:

        prepare: makes of the first of a shape what commits such together; None if it cannot be had.
        went: told of each group that was committed how many transactions it had.
        in_turn: whether a group's transactions are run one after the other within one, as they are: none of their statements needs
            a form for many, and each sees what those before it wrote. Who is alone goes this way, too.

    Attributes:

        in_turn: the same.
        under_way: the groups that are at the database.
    """

    def __init__(
        self,
        prepare: Callable[[Ready], Awaitable[Joined | None]],
        went: Callable[[int], None],
        *,
        in_turn: bool = False,
    ) -> None:
        self._prepare, self._went, self.in_turn = prepare, went, in_turn
        self._lines: Cache[Hashable, _Line] = Cache(_LINES)
        self.under_way: set[asyncio.Task[None]] = set()

    def ask(self, ready: Ready) -> None:
        """Have a transaction committed with others, or told that it goes alone."""
        shape = ready.shape
        line = self._lines.get(shape)
        if line is None:
            line = _Line(self._prepare, self._went, 1 if self.in_turn else _FEWEST, self.under_way)
            self._lines.put(shape, line)
        line.ask(ready)


class _Line:
    def __init__(
        self,
        prepare: Callable[[Ready], Awaitable[Joined | None]],
        went: Callable[[int], None],
        fewest: int,
        every: set[asyncio.Task[None]],
    ) -> None:
        self._prepare, self._went, self._fewest, self._every = prepare, went, fewest, every
        self._joined: Joined | None = None
        self._called = False
        self._resting_until = 0.0
        self._waiting: list[Ready] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._late: asyncio.TimerHandle | None = None
        self._most = _MOST

    def ask(self, ready: Ready) -> None:
        loop = ready.answer.get_loop()  # the running one, for which the system need not be asked
        if self._resting_until and loop.time() < self._resting_until:
            ready.answer.set_result(None)
            return
        self._waiting.append(ready)
        if not self._called:
            self._called = True
            loop.call_soon(self._go)

    def _go(self) -> None:
        self._called = False
        if len(self._under_way) < _UNDER_WAY:
            self._send()
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(_PATIENCE, self._overdue)

    def _overdue(self) -> None:
        self._late = None
        self._send()

    def _send(self) -> None:
        alike: dict[Hashable, list[Ready]] = {}
        for ready in self._waiting:
            if not ready.answer.done():  # the others have left
                common = None if self._joined is None else self._joined.same(ready)
                alike.setdefault(common, []).append(ready)
        self._waiting = []
        for group in alike.values():
            for first in range(0, len(group), self._most):
                self._part(group[first : first + self._most])

    def _part(self, group: list[Ready]) -> None:
        if len(group) < self._fewest:
            _alone(group)
            return
        # A context of its own: the transaction belongs to none of the requests.
        task = asyncio.get_running_loop().create_task(self._run(group), context=Context())
        self._under_way.add(task)
        self._every.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._every.discard(task)
        if self._waiting and not self._called:
            self._go()

    async def _run(self, group: list[Ready]) -> None:
        try:
            await self._commit(group)
        except (Contention, StatementTimeout) as error:
            self._failed(group, error)
        except (Busy, Unavailable) as error:  # nobody would be quicker alone; or nobody knows whether it was committed
            _tell(group, error)
        except Exception as error:  # one of them may be to blame, or all
            self._failed(group, error)
        except BaseException:  # the process ends, and nobody knows either
            _tell(
                group, Unavailable("The process is stopping; try again, with the same idempotency key if there is one.")
            )
            raise

    def _failed(self, group: list[Ready], error: Exception) -> None:
        if len(group) == 1:  # nobody else is to blame
            _tell(group, error)
            return
        self._most //= 2
        if self._most < _FEWEST:
            self._rest(_REST)
        _alone(group)
        _log.info("%d transactions that were to be committed together failed (%r) and go alone.", len(group), error)

    def _rest(self, seconds: float) -> None:
        self._most, self._resting_until = _FEWEST, asyncio.get_running_loop().time() + seconds

    async def _commit(self, group: list[Ready]) -> None:
        if self._joined is None:
            self._joined = await self._prepare(group[0])
            if self._joined is None:
                self._rest(float("inf"))
                _alone(group)
                return
            # They were put together before anybody knew what they must have in common.
            if len({self._joined.same(ready) for ready in group}) > 1:
                _alone(group)
                return
        answers = await self._joined.commit(group)
        if len(group) > 1:
            self._went(len(group))
        self._most = min(_MOST, self._most + 1)
        for ready, rows in zip(group, answers, strict=True):
            if not ready.answer.done():  # a request that has gone waits no longer
                ready.answer.set_result(rows)


def _alone(group: Sequence[Ready]) -> None:
    for ready in group:
        if not ready.answer.done():
            ready.answer.set_result(None)


def _tell(group: Sequence[Ready], error: Exception) -> None:
    for ready in group:
        if not ready.answer.done():
            ready.answer.set_exception(error)
