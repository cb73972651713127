"""A plugin whose records are found by their titles, and by the lines that belong to them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from piccolo.table import Table

from crmcore import Entity, Index, Record, columns, hookimpl
from crmcore.customers.tables import Customer

plugin_name = "remarks"


class Remark(Record, Table, tablename="remarks_remark"):
    """What somebody said of a customer."""

    customer_id = columns.link("customer", "Of whom.", references=Customer, inverse="remarks", on_delete="CASCADE")
    title = columns.text("In a word.")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",)),)


class RemarkLine(Record, Table, tablename="remarks_line"):
    """A line of a remark."""

    remark_id = columns.link("remark", "Of which.", references=Remark, inverse="lines", on_delete="CASCADE")
    text = columns.text("What it says.", form="text")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("remark_id",)),)


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Remarks and their lines."""
    return [
        Entity(Remark, plural="remarks", searched=("title",)),
        Entity(RemarkLine, plural="remarkLines", guarded_by="remark_id", searched=("text",), found_as="remark_id"),
    ]


@hookimpl
def crm_migrations() -> Path:
    """Give the folder beside this file."""
    return Path(__file__).with_name("remarks_migrations")
