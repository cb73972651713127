"""Legal holds: while one stands nothing of the person is erased; requests wait and go on by themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Work, action, errors
from crmcore_compliance.rights.permissions import HOLDS
from crmcore_compliance.rights.processing import carry_out
from crmcore_compliance.rights.records import add, alter, locked
from crmcore_compliance.tables.requests import ComplianceRequestStatus as Status

__all__ = ["ACTIONS", "go_on"]

_WAITING = "select id from compliance_request where status = $1 and deleted_at is null order by received_at"


@action(returns="compliance_hold", permission=HOLDS, since="0.1.0")
async def compliance_place_hold(
    work: Work,
    reason: Annotated[str, "Why: the dispute or the order of a court; without personal data."],
    customer_id: Annotated[UUID | None, Ref("customer"), "About whom; left out, about everybody."] = None,
    until: Annotated[datetime | None, "When it ends by itself; left out, never."] = None,
) -> Row:
    """Keep a person's data, or everybody's, from being erased and from ageing out."""
    if until is not None and until <= work.now:
        raise errors.Invalid.at("until", "IN_THE_PAST", "A hold that has ended already holds nothing.")
    if customer_id is not None:
        await work.get("customer", customer_id, deleted=True)
    values = {"customer_id": customer_id, "everybody": customer_id is None, "reason": reason, "until": until}
    return await add(work, "compliance_hold", {**values, "placed_at": work.now})


@action(returns="compliance_hold", permission=HOLDS, since="0.1.0")
async def compliance_release_hold(
    work: Work,
    id: Annotated[UUID, Ref("compliance_hold"), "Which hold."],
    reason: Annotated[str, "Why it is not needed any more."],
) -> Row:
    """Release a legal hold; requests that waited for it go on. Releasing a released one changes nothing."""
    hold = await locked(work, "compliance_hold", id)
    if hold["released_at"] is not None:
        return hold
    hold = await alter(work, "compliance_hold", hold, {"released_at": work.now, "release_reason": reason})
    await go_on(work)
    return hold


async def go_on(work: Work) -> None:
    """Have requests looked at again that wait for a hold."""
    for (request_id,) in await work.database.fetch(_WAITING, Status.ON_HOLD.name):
        await work.put(carry_out(request_id=request_id), key=f"compliance {request_id}")


ACTIONS = (compliance_place_hold, compliance_release_hold)
