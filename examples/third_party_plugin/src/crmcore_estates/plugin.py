"""What the estates plugin gives to the CRM."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore import (
    Action,
    Added,
    After,
    Entity,
    Event,
    Inside,
    Job,
    Listing,
    Live,
    Permission,
    Registered,
    Schedule,
    Timeline,
    after,
    hookimpl,
    inside,
)
from crmcore.customers.events import CustomerDeleted

from crmcore_estates import lists, reminding, reporting, settling
from crmcore_estates.actions import SELL, estate_sell
from crmcore_estates.events import EstateSold, EstateViewingCreated, EstateViewingUpdated
from crmcore_estates.rules import keep_sellers, prepare_estate, prepare_viewing
from crmcore_estates.settings import EstatesSettings
from crmcore_estates.tables import Estate, EstateReport, EstateViewing, EstateWish

if TYPE_CHECKING:
    import click
    from crmcore import Seeding
    from litestar.types import ControllerRouterHandler
    from piccolo.table import Table


@hookimpl
def crm_settings() -> type[EstatesSettings]:
    """See `EstatesSettings`."""
    return EstatesSettings


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """What the plugin writes into customers' histories."""
    return [
        Registered("interaction_kinds", "ESTATE_VIEWING", "Viewing", "Somebody looks at a property."),
        Registered("interaction_kinds", "ESTATE_SALE", "Sale of a property", "A property of theirs was sold."),
        Registered("interaction_kinds", "ESTATE_REPORT", "Report to the seller", "How often a property was looked at."),
    ]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Saying that a property is sold is a right of its own."""
    return [Permission(SELL, "Say that a property is sold.")]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Properties, viewings, and wishes, which belong to their customers."""
    offered = Timeline(
        "ESTATE_OFFERED", "A property of theirs was first offered.", at="offered_at", path=_to("seller_id")
    )
    viewed = Timeline(
        "ESTATE_VIEWING", "They looked, or are to look, at a property.", at="starts_at", path=_to("customer_id")
    )
    return [
        Entity(
            Estate,
            plural="estates",
            since="0.1.0",
            prepare=prepare_estate,
            label="title",
            attachable=True,
            searched=("title", "street", "city"),
            timeline=(offered,),
        ),
        Entity(
            EstateViewing,
            plural="estateViewings",
            prepare=prepare_viewing,
            order=("-starts_at",),
            timeline=(viewed,),
            since="0.1.0",
        ),
        Entity(EstateWish, plural="estateWishes", guarded_by="customer_id", since="0.1.0"),
    ]


@hookimpl
def crm_tables() -> Iterable[type[Table]]:
    """Which weeks sellers were told of."""
    return [EstateReport]


@hookimpl
def crm_fields() -> Iterable[Added]:
    """`Customer.estateSearching`."""
    return [lists.SEARCHING]


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What one can do with a property."""
    return [estate_sell]


@hookimpl
def crm_graphql() -> Iterable[Listing | Live[Any, Any]]:
    """Two lists and a subscription."""
    return [lists.OFFERED, lists.MY_VIEWINGS, lists.estate_sold]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """Selling is an event of its own."""
    return [EstateSold]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """What belongs to a change, and what follows a sale."""
    return [
        inside(CustomerDeleted, keep_sellers),
        inside(EstateViewingCreated, reminding.plan_reminder),
        inside(EstateViewingUpdated, reminding.replan_reminder),
        after(EstateSold, settling.cancel_viewings),
        after(EstateSold, settling.log_sale),
    ]


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Reminders, and the weekly report."""
    return [reminding.remind, reporting.report, reporting.WEEKLY]


@hookimpl
def crm_routes() -> Iterable[ControllerRouterHandler]:
    """`/plugins/estates/catalogue.json`."""
    # Litestar is loaded only by a process that serves.
    from crmcore_estates.routes import catalogue

    return [catalogue]


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    """`crm estates offered`."""
    from crmcore_estates.commands import offered

    return [offered]


@hookimpl
async def crm_seed(seeding: Seeding) -> None:
    """Properties for the demonstration."""
    from crmcore_estates.demo import seed

    await seed(seeding)


def _to(column: str) -> tuple[tuple[str, str], ...]:
    return ((column, "customer"),)
