"""A plugin that keeps something of its own about every customer, and has the database work something out of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from piccolo.table import Table

from crmcore import Added, Entity, Index, Record, columns, fields, hookimpl, kinds
from crmcore.customers.tables import Customer

plugin_name = "perks"


class PerksAccount(Record, Table, tablename="perks_account"):
    """What a customer is given for coming again."""

    points = columns.integer("How many points there are.", default=0)
    level = columns.text("How dear they are.")
    joined_on = columns.day("Since when.", null=True)
    credit = columns.minor_units("What they have to their credit.", currency="credit_currency")
    credit_currency = columns.currency("In which currency.")
    customer_id = columns.link(
        "customer", "Whose.", references=Customer, inverse="perks", one_to_one=True, on_delete="CASCADE"
    )
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",), unique=True, live=True),)


def _points(alias: str, _dialect: str) -> str:
    return f"(select p.points from perks_account p where p.customer_id = {alias}.id and p.deleted_at is null)"


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(PerksAccount, "perksAccounts", guarded_by="customer_id")]


@hookimpl
def crm_fields() -> Iterable[Added]:
    return [Added("customer", fields.Expression("perksPoints", "Points to spend.", kinds.INT, _points))]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).with_name("with_side_table_migrations")
