"""An entity in thirty lines: visits to customers, with all that follows from one declaration."""

from pathlib import Path
from typing import ClassVar

from piccolo.table import Table

from crmcore import Entity, Index, Owned, Record, Timeline, hookimpl
from crmcore import columns as c
from crmcore.customers.tables import Customer

plugin_name = "visits"


class Visit(Owned, Record, Table, tablename="visit"):
    """A visit to a customer's premises."""

    customer_id = c.link("customer", "Who was visited.", references=Customer, inverse="visits")
    began_at = c.instant("When it began.")
    purpose = c.text("What it was about.", personal="user.content")
    cost = c.minor_units("What it cost us.", currency="cost_currency", minimum=0)
    cost_currency = c.currency("Currency of the cost.")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id", "began_at desc")),)


@hookimpl
def crm_entities() -> list[Entity]:
    """All of the API, permissions, events, history, import and export."""
    visited = Timeline("VISIT", "Somebody visited them.", at="began_at", path=(("customer_id", "customer"),))
    return [Entity(Visit, plural="visits", timeline=(visited,))]


@hookimpl
def crm_migrations() -> Path:
    """Written by `crm migrate --new visits initial`."""
    return Path(__file__).with_name("migrations")
