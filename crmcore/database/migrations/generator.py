"""The text of a migration module, written from what is declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from crmcore.database.declared import table_specs
from crmcore.database.migrations.altering import AlterColumn
from crmcore.database.migrations.columns import AddColumn, DropColumn
from crmcore.database.migrations.difference import difference
from crmcore.database.migrations.indexes import CreateIndex, DropIndex
from crmcore.database.migrations.migration import Migration, Misfit, Operation
from crmcore.database.migrations.source import MigrationSource
from crmcore.database.migrations.source_text import Call, call_of, written
from crmcore.database.migrations.tables import CreateTables, DropTables
from crmcore.database.migrations.totals import DropTotals, KeepTotals
from crmcore.database.schema import ColumnSpec, Index, TableSpec, Totals
from crmcore.errors import SetupError

__all__ = ["generate", "module_text"]

#: What a module calls the shapes.
_NAMES: dict[type, str] = {TableSpec: "Table", ColumnSpec: "Column", Index: "Index", Totals: "Totals"}


def generate(source: MigrationSource, title: str) -> str:
    """Return the module's text.

    Raises:

        SetupError: nothing is missing; the title is no name; a change needs a decision that only a person can make.
    """
    if not title.isidentifier() or title != title.lower():
        msg = f"{title!r} cannot be part of a module's name; use lower-case letters, digits and _, as in add_birthday."
        raise _refused(msg)
    state = source.state_before(None)
    operations = difference(state, table_specs(source.tables))
    if not operations:
        msg = f"Nothing to migrate: the migrations of {source.plugin!r} make exactly the tables it declares."
        raise _refused(msg)
    try:
        Migration(operations).after(state)
    except Misfit as error:
        msg = f"A migration for {source.plugin!r} cannot be written without you: {error}"
        raise _refused(msg) from error
    return module_text(source.plugin, title, operations)


def module_text(plugin: str, title: str, operations: Iterable[Operation]) -> str:
    """Return the text of a module with these operations, which are those that a difference has."""
    calls = [_call(operation) for operation in operations]
    names = sorted({"Migration", *(name for call in calls for name in _used(call))}, key=lambda n: (n.islower(), n))
    body = "".join(f"        {written(call, 2, 1)},\n" for call in calls)
    return (
        f'"""{title.replace("_", " ").capitalize()}: a migration of {plugin}."""\n\n'
        f"from crmcore.database.migrations import {', '.join(names)}\n\n"
        f"migration = Migration(\n    operations=[\n{body}    ]\n)\n"
    )


def _call(operation: Operation) -> Call:
    name, arguments = _parts(operation)
    return Call(name, tuple(call_of(argument, _NAMES) for argument in arguments))


def _parts(operation: Operation) -> tuple[str, tuple[Any, ...]]:
    """Return the function that makes an operation and its arguments; a difference has these operations only."""
    match operation:
        case CreateTables((table,)):
            return "create_table", (table,)
        case DropTables((name,)):
            return "drop_table", (name,)
        case AddColumn(table_name, column):
            return "add_column", (table_name, column)
        case AlterColumn(table_name, column):
            return "alter_column", (table_name, column)
        case DropColumn(table_name, name):
            return "drop_column", (table_name, name)
        case CreateIndex(table_name, index):
            return "create_index", (table_name, index)
        case DropIndex(table_name, name):
            return "drop_index", (table_name, name)
        case KeepTotals(table_name, totals):
            return "keep_totals", (table_name, totals)
        case DropTotals(table_name, name):
            return "drop_totals", (table_name, name)
    msg = f"{operation!r} is no operation of a difference."
    raise TypeError(msg)


def _used(call: Any) -> Iterator[str]:
    """Return the names a call needs."""
    if isinstance(call, tuple):
        for member in call:
            yield from _used(member)
    elif isinstance(call, Call):
        yield call.name
        yield from _used(call.positional)
        yield from _used(tuple(member for _, member in call.named))


def _refused(problem: str) -> SetupError:
    return SetupError("migrations-not-generated", [problem])
