"""What clients can do with places at members' events."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Work, action
from crmcore_loyalty.rewards import checking_in, occasions
from crmcore_loyalty.rewards.permissions import OCCASIONS

__all__ = ["ACTIONS"]


@action(returns="loyalty_ticket", permission=OCCASIONS, since="0.1.0", isolation="read committed")
async def loyalty_register(
    work: Work,
    event_id: Annotated[UUID, Ref("loyalty_event"), "For which event."],
    member_id: Annotated[UUID, Ref("loyalty_member"), "Who wants to come."],
) -> Row:
    """Register a member for an event; who finds it full waits, and who has registered keeps the ticket they have."""
    return await occasions.register(work, event_id, await work.get("loyalty_member", member_id))


@action(returns="loyalty_ticket", permission=OCCASIONS, since="0.1.0", isolation="read committed")
async def loyalty_cancel_ticket(work: Work, id: Annotated[UUID, Ref("loyalty_ticket"), "Which ticket."]) -> Row:
    """Cancel a ticket; the member who waits longest gets the place."""
    await work.get("loyalty_ticket", id)
    return await occasions.cancel(work, id)


@action(returns="loyalty_ticket", permission=OCCASIONS, since="0.1.0", isolation="read committed")
async def loyalty_check_in(work: Work, id: Annotated[UUID, Ref("loyalty_ticket"), "Which ticket."]) -> Row:
    """Say that a member came to an event, which can be said once; earning rules for the event's activity give points."""
    await work.get("loyalty_ticket", id)
    return await checking_in.check_in(work, id)


ACTIONS = (loyalty_register, loyalty_cancel_ticket, loyalty_check_in)
