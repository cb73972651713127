"""A plugin whose second migration works on empty tables only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from piccolo.table import Table

from crmcore import Entity, Record, columns, hookimpl

plugin_name = "shelves"


class ShelvesBoard(Record, Table, tablename="shelves_board"):
    """A board to put things on."""

    width = columns.integer("In millimetres.")
    label = columns.text("What lies on it.", personal=False)


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(ShelvesBoard, "shelvesBoards")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).parent / "migrations" / "shelves"
