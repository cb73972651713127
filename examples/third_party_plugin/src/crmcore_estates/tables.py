"""The tables of the agency: properties, viewings, and what customers look for."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from crmcore import Index, Owned, Record, Write
from crmcore import columns as c
from piccolo.table import Table

__all__ = ["Estate", "EstateKind", "EstateReport", "EstateStatus", "EstateViewing", "EstateViewingStatus", "EstateWish"]

_CUSTOMER = "crmcore.customers.tables:Customer"


class EstateKind(Enum):
    """What kind of property it is."""

    FLAT = "A flat."
    HOUSE = "A house."
    LAND = "A piece of land."
    OFFICE = "Rooms to work in."


class EstateStatus(Enum):
    """Where a property stands."""

    DRAFT = "Nobody is shown it yet."
    OFFERED = "It is for sale."
    SOLD = "It was sold."
    WITHDRAWN = "It is no longer for sale."


class EstateViewingStatus(Enum):
    """What became of a viewing."""

    BOOKED = "It is to be."
    HELD = "They came."
    MISSED = "They did not come."
    CANCELLED = "It will not be."


class Estate(Owned, Record, Table, tablename="estate"):
    """A property that is, was, or will be for sale."""

    title = c.text("What it is, as an advertisement says it.", personal=False)
    kind = c.choice(EstateKind, "What kind of property it is.")
    status = c.choice(EstateStatus, "Where it stands; selling it has its own mutation.", default=EstateStatus.DRAFT)
    street = c.text("Street and number.", personal="user.contact.address.street")
    city = c.text("City or village.", personal="user.contact.address.city")
    rooms = c.integer("How many rooms it has.", null=True, minimum=0)
    area = c.number("Floor area in square metres; of land, its whole area.", null=True, minimum=0)
    price = c.minor_units(
        "What it is offered for; once it is sold, what it was sold for.", currency="price_currency", minimum=0
    )
    price_currency = c.currency("Currency of the price.")
    seller_id = c.link(
        "customer",
        "Whose it is.",
        references=_CUSTOMER,
        inverse="estatesForSale",
        inverse_description="The properties this customer sells or has sold.",
    )
    buyer_id = c.link(
        "customer",
        "Who bought it.",
        references=_CUSTOMER,
        null=True,
        inverse="estatesBought",
        inverse_description="The properties this customer bought.",
        write=Write.NEVER,
    )
    offered_at = c.instant("When it was first offered.", null=True, write=Write.NEVER)
    sold_at = c.instant("When it was sold.", null=True, write=Write.NEVER)
    booked_at = c.instant("When a viewing of it was last booked.", null=True, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("seller_id", "offered_at desc")),
        Index(("buyer_id", "sold_at desc")),
        Index(("status", "city")),
        Index(("owner_id",)),
        Index(("team_id",)),
    )


class EstateViewing(Owned, Record, Table, tablename="estate_viewing"):
    """An appointment at which a customer looks at a property."""

    estate_id = c.link(
        "estate",
        "Which property.",
        references=Estate,
        inverse="viewings",
        inverse_description="When customers looked, or will look, at this property.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    customer_id = c.link(
        "customer",
        "Who comes.",
        references=_CUSTOMER,
        inverse="estateViewings",
        inverse_description="The properties this customer looked at, or will.",
        write=Write.CREATE,
    )
    starts_at = c.instant("When it begins.")
    minutes = c.integer(
        "How long it takes; as long as the settings say if nobody does.", null=True, minimum=5, maximum=480
    )
    status = c.choice(EstateViewingStatus, "What became of it.", default=EstateViewingStatus.BOOKED)
    impression = c.text("What they said.", null=True, max_length=4000, form="text", personal="user.content")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("estate_id", "starts_at desc")),
        Index(("customer_id", "starts_at desc")),
        Index(("owner_id", "starts_at")),
        Index(("team_id",)),
    )


class EstateWish(Record, Table, tablename="estate_wish"):
    """What a customer looks for."""

    customer_id = c.link(
        "customer",
        "Who looks for it.",
        references=_CUSTOMER,
        inverse="estateWish",
        inverse_description="What property this customer looks for.",
        one_to_one=True,
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    kind = c.choice(EstateKind, "What kind of property; any if empty.", null=True)
    city = c.text("Where; anywhere if empty.", null=True, personal="user.preferences")
    rooms = c.integer("With how many rooms at least.", null=True, minimum=0)
    budget = c.minor_units("For how much at most.", currency="budget_currency", minimum=0)
    budget_currency = c.currency("Currency of the budget.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",), unique=True, live=True),)


class EstateReport(Table, tablename="estate_report"):
    """That a seller was told of a week; kept so that nobody is told of one week twice."""

    id = c.identifier("Identifies the report.")
    estate_id = c.link("estate", "Which property.", references=Estate, on_delete="CASCADE")
    week = c.text("ISO week, as in 2026-W48.", personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("estate_id", "week"), unique=True),)
