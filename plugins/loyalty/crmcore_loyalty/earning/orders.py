"""What happens to orders has them settled, each by a job of its own after the commit."""

from __future__ import annotations

from uuid import UUID

from crmcore_orders.events import OrderCancelled, OrderCompleted, OrderPaid, OrderPlaced, OrderRefunded

from crmcore import ActorType, Event, Row, Run, Work, job
from crmcore_loyalty.earning.settling import settle
from crmcore_loyalty.settings import LoyaltySettings
from crmcore_loyalty.tables.program import LoyaltyOrderTrigger, LoyaltyProgramStatus

__all__ = ["EVENTS", "settle_order", "wake"]

#: At which of them programs look that let orders earn then; at the others all do.
_STEP: dict[type[Event], str] = {
    OrderPlaced: LoyaltyOrderTrigger.PLACED.name,
    OrderPaid: LoyaltyOrderTrigger.PAID.name,
    OrderCompleted: LoyaltyOrderTrigger.COMPLETED.name,
}
EVENTS: tuple[type[Event], ...] = (OrderPlaced, OrderPaid, OrderCompleted, OrderCancelled, OrderRefunded)


async def wake(work: Work, event: Event) -> None:
    """Have an order settled if a program cares; the commit of many orders from a file puts nothing, unless they earn."""
    if event.actor["type"] == ActorType.IMPORT and not work.settings[LoyaltySettings].earn_on_import:
        return
    step = _STEP.get(type(event))
    programs = await work.find("loyalty_program")
    if any(_cares(program) and step in (None, program["order_trigger"]) for program in programs):
        await work.put(settle_order(order_id=event.record_id))


@job(retries=20, at_once=1, per="order_id")
async def settle_order(run: Run, order_id: UUID) -> None:
    """Bring what an order earned to what it should have, in each program by itself."""
    for program in await run.work(lambda work: work.find("loyalty_program")):
        if _cares(program):
            await run.work(lambda work, program=program: settle(work, program, order_id), isolation="read committed")  # type: ignore[misc]


def _cares(program: Row) -> bool:
    return bool(
        program["status"] != LoyaltyProgramStatus.DRAFT.name
        and program["order_trigger"] != LoyaltyOrderTrigger.NEVER.name
    )
