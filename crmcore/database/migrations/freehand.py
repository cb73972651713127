"""Operations in the author's own words: SQL for each database, or Python."""

# ruff: noqa: ARG002 - each operation has the methods of `Operation`, whether or not it needs all they get

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmcore.database.migrations.migration import Irreversible, Operation, State, Step

if TYPE_CHECKING:
    from crmcore.database.facade import Database

__all__ = ["RunPython", "RunSql", "run", "sql"]

Work = Callable[["Database"], Awaitable[Any]]


def sql(
    *, sqlite: str | None, postgresql: str | None, down_sqlite: str | None = None, down_postgresql: str | None = None
) -> Operation:
    """Run one statement of the author's; None does nothing on that database.

    It must not change what `create_table` and its kin have made, since they would not know. To be taken back it needs
    a `down_` for every database on which it does something; `""` says that nothing need be done.
    """
    return RunSql({"sqlite": sqlite, "postgresql": postgresql}, {"sqlite": down_sqlite, "postgresql": down_postgresql})


def run(up: Work, down: Work | None = None) -> Operation:
    """Call `await up(database)` inside the migration's transaction, to change rows; `down` takes it back.

    Use SQL on tables by name: declared tables may have changed by the time the migration runs.
    """
    return RunPython(up, down)


@dataclass(frozen=True)
class RunSql:
    """A statement for each dialect."""

    up: dict[str, str | None]
    down: dict[str, str | None]

    def after(self, state: State) -> State:
        return state

    def steps(self, dialect: str, state: State) -> list[Step]:
        text = self.up[dialect]
        return [Step(text)] if text else []

    def reverse(self, state: State) -> Operation:
        for dialect, text in self.up.items():
            if text and self.down[dialect] is None:
                msg = f"`sql` has no down_{dialect}, so it cannot be taken back: {' '.join(text.split())[:80]}"
                raise Irreversible(msg)
        return RunSql(self.down, self.up)


@dataclass(frozen=True)
class RunPython:
    """A function."""

    up: Work
    down: Work | None

    def after(self, state: State) -> State:
        return state

    def steps(self, dialect: str, state: State) -> list[Step]:
        return [Step(f"-- runs the Python function {self.up.__name__}", self.up)]

    def reverse(self, state: State) -> Operation:
        if self.down is None:
            msg = f"`run` of {self.up.__name__} has no `down`, so it cannot be taken back."
            raise Irreversible(msg)
        return RunPython(self.down, self.up)
