"""Lists, a field of customers and a subscription that the plugin adds to the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from crmcore import Actor, Added, Listing, clock, fields, kinds, live

from crmcore_estates.events import EstateSold

__all__ = ["MY_VIEWINGS", "OFFERED", "SEARCHING", "estate_sold"]

_Bind = Callable[[Callable[[Actor], Any]], str]


def _offered(estate: str, bind: _Bind) -> str:
    return f"{estate}.status = {bind(lambda _: 'OFFERED')}"


def _mine(viewing: str, bind: _Bind) -> str:
    me, now = bind(lambda actor: actor.user_id), bind(lambda _: clock.now())
    return f"{viewing}.owner_id = {me} and {viewing}.status = 'BOOKED' and {viewing}.starts_at > {now}"


def _searching(customer: str, _dialect: str) -> str:
    return f"exists (select 1 from estate_wish w where w.customer_id = {customer}.id and w.deleted_at is null)"


#: The query `estatesOffered`.
OFFERED = Listing("estatesOffered", "estate", "The properties that are for sale now.", _offered, since="0.1.0")
#: The query `estatesMyViewings`.
MY_VIEWINGS = Listing(
    "estatesMyViewings", "estate_viewing", "The viewings you have booked and that are to come.", _mine, since="0.1.0"
)
#: `Customer.estateSearching`. Who may see the customer may see the wish, so it tells nobody more than they may know.
SEARCHING = Added(
    "customer",
    fields.Expression(
        "estateSearching", "Whether this customer looks for a property.", kinds.BOOL, _searching, null=False
    ),
    since="0.1.0",
)


@live(EstateSold, since="0.1.0")
def estate_sold(event: EstateSold, city: Annotated[str | None, "Only of this city; null for all."] = None) -> bool:
    """A property was sold."""
    return city is None or event.after["city"] == city
