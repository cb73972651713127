"""What follows a sale, once it is committed: each may be told twice, and does it once."""

from __future__ import annotations

from crmcore import Actor, Crm, Work, actions

from crmcore_estates.events import EstateSold
from crmcore_estates.tables import EstateViewingStatus

__all__ = ["cancel_viewings", "log_sale"]

_SELF = Actor.system("estates")


async def cancel_viewings(crm: Crm, event: EstateSold) -> None:
    """Cancel the viewings that were still to be."""
    await crm.run(_SELF, lambda work: _cancel(work, event))


async def log_sale(crm: Crm, event: EstateSold) -> None:
    """Log the sale in the seller's history."""
    await crm.run(_SELF, lambda work: _log(work, event))


async def _cancel(work: Work, event: EstateSold) -> None:
    booked = EstateViewingStatus.BOOKED.name
    for viewing in await work.find("estate_viewing", estate_id=event.record_id, status=booked):
        if viewing["starts_at"] > event.at:
            await actions.update(work, "estate_viewing", viewing["id"], {"status": EstateViewingStatus.CANCELLED.name})


async def _log(work: Work, event: EstateSold) -> None:
    # The event's id is the interaction's: who is told twice finds what the first time made, deleted or not.
    if await work.rows("select id from interaction where id = $1", event.id):
        return
    estate = event.after
    values = {"id": event.id, "kind": "ESTATE_SALE", "subject": f"Sold: {estate['title']}"}
    values |= {
        "customer_id": estate["seller_id"],
        "direction": "INTERNAL",
        "status": "COMPLETED",
        "occurred_at": event.at,
    }
    await actions.create(work, "interaction", values)
