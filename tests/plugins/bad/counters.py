"""A plugin that gives each record a number, whatever number it had."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import Path

from piccolo.table import Table

from crmcore import Change, Entity, Owned, Record, Work, columns, hookimpl

plugin_name = "counters"
_numbers = count(1)


class Counter(Owned, Record, Table, tablename="counter"):
    """Something that is counted."""

    number = columns.integer("Its number.", default=None, null=True)


async def number(work: Work, change: Change) -> None:
    """Number what is new."""
    if change.kind == "create":
        change.values["number"] = next(_numbers)


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(Counter, "counters", prepare=number, since="0.1.0")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).parent / "migrations" / "counters"
