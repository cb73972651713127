"""A side table in as few lines: what a customer is given for coming again, as columns of Customer."""

from pathlib import Path
from typing import ClassVar

from piccolo.table import Table

from crmcore import Entity, Index, Record, hookimpl
from crmcore import columns as c
from crmcore.customers.tables import Customer

plugin_name = "perks"


class PerksAccount(Record, Table, tablename="perks_account"):
    """What a customer is given for coming again."""

    customer_id = c.link(
        "customer", "Whose.", references=Customer, inverse="perks", one_to_one=True, on_delete="CASCADE"
    )
    points = c.integer("Points to spend.", default=0, minimum=0)
    level = c.text("How dear they are.", default="BRONZE", personal=False)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",), unique=True, live=True),)


@hookimpl
def crm_entities() -> list[Entity]:
    """`Customer.perks { points level }`; who may see or change the customer may see or change them."""
    return [Entity(PerksAccount, plural="perksAccounts", guarded_by="customer_id")]


@hookimpl
def crm_migrations() -> Path:
    """Written by `crm migrate --new perks initial`."""
    return Path(__file__).with_name("perks_migrations")
