"""A process that dies at a point of its work, as if it were killed there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal, ParamSpec, TypeVar, get_args
from unittest.mock import patch
from weakref import WeakSet

from crmcore.database import Database
from crmcore.database.connection import Params
from crmcore.database.transactions import Transaction
from crmcore.entities import many, store
from crmcore.entities.work import Work
from crmcore.events.flush import Caused, flush
from crmcore.jobs.attempt import attempt
from crmcore.jobs.claim import claim
from crmcore.jobs.outcome import Outcome

__all__ = ["CRASHED", "Crashed", "crash_after"]

P = ParamSpec("P")
T = TypeVar("T")

#: Where a process may die.
Point = Literal["change", "events", "commit", "claim", "effect"]

#: Databases on which a process died whose leases have not been ended yet.
CRASHED: WeakSet[Database] = WeakSet()


class Crashed(BaseException):
    """The process is dead: no `except Exception` may hold it up, and whoever asks the database meets it again."""


@contextmanager
def crash_after(point: Point, *, nth: int = 1) -> Iterator[None]:
    """Let the process die at a point of the block, which ends there; afterwards one can see what is left.

    Example:

        with crash_after("commit"):
            await crm.execute(CREATE, {...})
        await crm.work_off()  # another process takes up what the dead one left

    What was not committed is rolled back, every connection is dropped, and nothing that the dying code still tries reaches
    the database. What it had claimed is free for the next `work_off`, as it is once its lease has run out. What the CRM
    keeps in memory stays.

    Args:

        point: `change` (a row was written), `events` (events and jobs were written; the commit is next), `commit` (the
            commit is done, nobody has heard of it), `claim` (a worker has taken jobs and begun none) or `effect` (a job
            has done what it does, and that is not written down yet).
        nth: the how-manieth time that it comes there.

    Raises:

        AssertionError: the block came to its end, and not to the point.
    """
    if point not in get_args(Point):
        msg = f"There is no point {point!r} to crash after; there are {', '.join(get_args(Point))}."
        raise ValueError(msg)
    death = _Death(point, nth)
    try:
        with ExitStack() as patched:
            _POINTS[point](death, patched)
            yield
    except BaseException:
        # Whatever comes out of a dying process is of its dying; everything else is the test's.
        if death.of is None:
            raise
    finally:
        death.bury()
    if death.of is None:
        again = "" if nth == 1 else f" for the {nth}th time"
        msg = f"The block ended and did not come to the point {point!r}{again}: it does nothing that leads there."
        raise AssertionError(msg)


class _Death:
    """One process that is to die.

    Attributes:

        of: the database it was using, None while it lives.
    """

    def __init__(self, point: str, nth: int) -> None:
        self._point, self._left = point, nth
        self.of: Database | None = None

    def come(self, database: Database) -> None:
        """Note that the point was reached; the process dies if it was the time.

        Raises:

            Crashed: it was.
        """
        self._left -= 1
        if self._left == 0:
            self.of = database
            CRASHED.add(database)
            # On the object itself, before the class's own.
            vars(database).update(_run=self._refuse, transaction=self._refuse, schema_transaction=self._refuse)
            self._refuse()

    def bury(self) -> None:
        """Drop the connections and let others use the database."""
        if self.of is not None:
            for name in ("_run", "transaction", "schema_transaction"):
                del vars(self.of)[name]
            for stack in self.of.stacks:
                stack.drop_idle()

    def _refuse(self, *_: Any, **__: Any) -> Any:
        msg = f"The process died after {self._point}."
        raise Crashed(msg)


def _after(
    death: _Death, function: Callable[P, Awaitable[T]], reached: Callable[[T], bool] = lambda _: True
) -> Callable[P, Awaitable[T]]:
    """Make a function die when it has returned; its first argument is a database, or has one."""

    async def dying(*args: P.args, **kwargs: P.kwargs) -> T:
        result = await function(*args, **kwargs)
        if death.of is None and reached(result):
            first: Any = args[0]
            death.come(first if isinstance(first, Database) else first.database)
        return result

    return dying


def _change(death: _Death, patched: ExitStack) -> None:
    # What is hoped for is written with the commit only; the point is between the two.
    patched.enter_context(patch.object(Work, "hopes", property(lambda _: False)))
    for module, name in ((store, "insert"), (store, "update"), (store, "delete"), (many, "insert_many")):
        patched.enter_context(patch.object(module, name, _after(death, getattr(module, name))))


def _events(death: _Death, patched: ExitStack) -> None:
    patched.enter_context(patch("crmcore.app.flush", _after(death, flush, bool)))


def _commit(death: _Death, patched: ExitStack) -> None:
    # Others commit too, claims and leases: the point is the commit of a unit of work that has something to tell.
    telling: dict[Transaction, Database] = {}
    end, last = Transaction.end, Transaction.last

    async def noting(work: Any, *args: Any) -> Caused:
        told = await flush(work, *args)
        transaction = work.database._current.get()
        if told and transaction is not None:
            telling[transaction] = work.database
        return told

    async def ending(self: Transaction, commit: bool) -> None:
        database = telling.pop(self, None)
        await end(self, commit)
        if commit and database is not None and death.of is None:
            death.come(database)

    async def with_others(self: Transaction, sql: str, params: Params) -> list[tuple[object, ...]]:
        rows = await last(self, sql, params)
        if self.kept and (database := telling.pop(self, None)) is not None and death.of is None:
            death.come(database)
        return rows

    patched.enter_context(patch("crmcore.app.flush", noting))
    patched.enter_context(patch.object(Transaction, "end", ending))
    patched.enter_context(patch.object(Transaction, "last", with_others))


def _claim(death: _Death, patched: ExitStack) -> None:
    patched.enter_context(patch("crmcore.jobs.worker.claim", _after(death, claim, lambda batch: bool(batch.jobs))))


def _effect(death: _Death, patched: ExitStack) -> None:
    done = _after(death, attempt, lambda ended: ended.outcome in (Outcome.DONE, Outcome.FINISHED))
    patched.enter_context(patch("crmcore.jobs.worker.attempt", done))


_POINTS: dict[str, Callable[[_Death, ExitStack], None]] = {
    "change": _change,
    "events": _events,
    "commit": _commit,
    "claim": _claim,
    "effect": _effect,
}
