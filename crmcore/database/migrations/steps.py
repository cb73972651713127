"""From a migration to the steps it takes on one database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmcore.database.migrations.migration import Migration, Operation, State, Step
from crmcore.database.migrations.tables import CreateTables, DropTables

__all__ = ["steps_of"]


def steps_of(migration: Migration, dialect: str, state: State) -> list[Step]:
    """Return the steps; `state` is a plugin's tables before the migration.

    Raises:

        Misfit: an operation does not fit the tables.
    """
    steps: list[Step] = []
    for operation in _together(migration.operations):
        after = operation.after(state)
        steps += operation.steps(dialect, state)
        state = after
    return steps


def _together(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Join neighbours that make tables, and those that drop tables: their links may go in circles."""
    pending: Operation | None = None
    for operation in operations:
        if isinstance(pending, CreateTables) and isinstance(operation, CreateTables):
            pending = CreateTables((*pending.tables, *operation.tables))
        elif isinstance(pending, DropTables) and isinstance(operation, DropTables):
            pending = DropTables((*pending.names, *operation.names))
        else:
            if pending is not None:
                yield pending
            pending = operation
    if pending is not None:
        yield pending
