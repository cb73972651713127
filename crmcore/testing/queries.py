"""How many statements a block of a test runs, and which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crmcore.database import Database
from crmcore.database.connection import Params
from crmcore.database.group_commit import Left
from crmcore.database.postgresql.notices import NOTIFY
from crmcore.database.watch import Watch

__all__ = ["Queries", "assert_queries", "quietly"]

#: Characters of a statement that a message has.
_SHOWN = 2000


class Queries:
    """The statements of a block, by all tasks; beginning and ending a transaction are none.

    Attributes:

        texts: SQL, in the order they ended.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __len__(self) -> int:
        return len(self.texts)

    def __str__(self) -> str:
        lines = (f"{n}. {' '.join(sql.split())[:_SHOWN]}" for n, sql in enumerate(self.texts, 1))
        return "\n".join(lines) or "none"


class _Counting(Watch):
    def __init__(self, real: Watch, dialect: str) -> None:
        super().__init__(dialect)
        self.real, self.queries = real, Queries()

    def ran(self, sql: str, params: Params, seconds: float, failure: BaseException | None = None) -> None:
        if sql != NOTIFY:  # tells other processes of an earlier commit, whenever it comes to it
            self.queries.texts.append(sql)
        self.real.ran(sql, params, seconds, failure)

    def went_along(self, statements: Sequence[Left]) -> None:
        self.queries.texts += [left.sql for left in statements]
        self.real.went_along(statements)


@contextmanager
def assert_queries(database: Database, count: int) -> Iterator[Queries]:
    """Fail unless a block runs exactly so many statements on a database; what a replica answers does not count."""
    real = database.watch
    counting = _Counting(real, database.dialect)
    queries, database.watch = counting.queries, counting
    try:
        yield queries
    finally:
        database.watch = real
    if len(queries) != count:
        msg = f"{count} statements were expected, and {len(queries)} ran:\n{queries}"
        raise AssertionError(msg)


@contextmanager
def quietly(database: Database) -> Iterator[None]:
    """Do not count the statements of a block: they are the test kit's own."""
    counting = database.watch
    if isinstance(counting, _Counting):
        database.watch = counting.real
    try:
        yield
    finally:
        database.watch = counting
