"""A plugin that has an entity, tied to customers, and a table of its own that nobody sees."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from piccolo.table import Table

from crmcore import Entity, Index, Record, columns, hookimpl
from crmcore.customers.tables import Customer

plugin_name = "trays"


class Tray(Record, Table, tablename="tray"):
    """Where a customer's papers lie."""

    name = columns.text("What is written on it.")
    customer_id = columns.link("customer", "Whose papers.", references=Customer, inverse="trays", on_delete="CASCADE")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",)),)


class Dust(Table, tablename="tray_dust"):
    """Dust on trays."""

    id = columns.identifier("Which dust.")
    grams = columns.integer("How much.")


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(Tray, "trays", guarded_by="customer_id")]


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    return [Dust]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).with_name("with_entity_migrations")
