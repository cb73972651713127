"""Showing rows: a table on a terminal, tabs in a pipe, JSON when asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import click

__all__ = ["as_json_option", "show", "show_json"]

F = TypeVar("F", bound=Callable[..., Any])


def as_json_option(command: F) -> F:
    """Add `--json`; the function gets `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)


def show(rows: Sequence[Mapping[str, Any]], as_json: bool, empty: str) -> None:
    """Print rows.

    Args:

        rows: all with the same keys; the keys are headings and JSON names (camel case).
        as_json: print a JSON list.
        empty: what to say when there are none.
    """
    if as_json:
        show_json(rows)
    elif not rows:
        click.echo(empty, err=True)
    elif sys.stdout.isatty():
        _show_table(rows)
    else:
        click.echo("\t".join(rows[0]))
        for row in rows:
            click.echo("\t".join(_text(value) for value in row.values()))


def show_json(value: Any) -> None:
    """Print a value as indented JSON; instants as the API writes them."""
    import msgspec

    from crmcore.database import instants

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(inner) for inner in value]
        return instants.wire(value) if isinstance(value, datetime) else value

    click.echo(msgspec.json.format(msgspec.json.encode(plain(value)), indent=2))


def _show_table(rows: Sequence[Mapping[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*rows[0], box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    Console(soft_wrap=True).print(table, markup=False)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value)) or "-"
    # What records hold is not to move the cursor or to break the line.
    return "".join(c if c.isprintable() else " " for c in str(value))
