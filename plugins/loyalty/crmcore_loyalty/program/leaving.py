"""Members are frozen until somebody has looked at them, and leave; the ledger of who left stays as it is."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from crmcore import Destroyed, Event, Ref, Row, Updated, Work, action, errors
from crmcore_loyalty import ledger
from crmcore_loyalty.program.enrolling import ENROL
from crmcore_loyalty.program.events import LoyaltyMemberClosed, LoyaltyMemberFrozen, LoyaltyMemberUnfrozen
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

__all__ = [
    "FREEZE",
    "close",
    "close_forgotten",
    "cut_off",
    "freeze",
    "loyalty_close",
    "loyalty_freeze",
    "loyalty_unfreeze",
]

FREEZE = "loyalty.freeze"

#: The pools of households are members that never had a customer.
_FORGOTTEN = """
    select m.id from loyalty_member m
    where m.customer_id is null and m.status in ($1, $2)
        and not exists (select 1 from loyalty_household h where h.pool_id = m.id)
    order by m.id
"""

_Member = Annotated[UUID, Ref("loyalty_member"), "Which member."]


@action(returns="loyalty_member", permission=FREEZE, since="0.1.0", isolation="read committed")
async def loyalty_freeze(work: Work, member_id: _Member, reason: Annotated[str, "Why, for who looks at it."]) -> Row:
    """Let a member neither earn nor redeem until somebody has looked at it; freezing a frozen one changes nothing."""
    return await freeze(work, await work.get("loyalty_member", member_id, action="update"), reason)


@action(returns="loyalty_member", permission=FREEZE, since="0.1.0", isolation="read committed")
async def loyalty_unfreeze(
    work: Work, member_id: _Member, reason: Annotated[str | None, "What was found."] = None
) -> Row:
    """Let a frozen member earn and redeem again."""
    member = await work.get("loyalty_member", member_id, action="update")
    if member["status"] == LoyaltyMemberStatus.ACTIVE.name:
        return member
    _refuse_left(member)
    await _tell(work, member, LoyaltyMemberUnfrozen, reason)
    return await _write(work, member, {"status": LoyaltyMemberStatus.ACTIVE.name})


@action(returns="loyalty_member", permission=ENROL, since="0.1.0", isolation="read committed")
async def loyalty_close(work: Work, member_id: _Member, reason: Annotated[str | None, "Why they leave."] = None) -> Row:
    """End a membership: all points lapse, holds are given back first; closing a closed one changes nothing."""
    member = await work.get("loyalty_member", member_id)
    if member["status"] == LoyaltyMemberStatus.CLOSED.name:
        return member
    _refuse_left(member)
    if not await work.reaches("loyalty_member", member_id, "update"):
        msg = "You may see this member but not change it."
        raise errors.Forbidden(msg)
    return await close(work, member_id, reason)


async def freeze(work: Work, member: Row, reason: str) -> Row:
    """Freeze a member that is locked."""
    if member["status"] == LoyaltyMemberStatus.FROZEN.name:
        return member
    _refuse_left(member)
    await _tell(work, member, LoyaltyMemberFrozen, reason)
    return await _write(work, member, {"status": LoyaltyMemberStatus.FROZEN.name})


async def close(work: Work, member_id: UUID, reason: str | None) -> Row:
    """Let all points lapse and end the membership."""
    # Accounts are locked before members everywhere.
    await ledger.forfeit(work, member_id, reason=reason)
    (member,) = await work.find("loyalty_member", id=member_id)
    await _tell(work, member, LoyaltyMemberClosed, reason)
    return await _write(work, member, {"status": LoyaltyMemberStatus.CLOSED.name, "closed_at": work.now})


async def cut_off(work: Work, member: Row) -> None:
    """Let a member lead to nobody any more."""
    await _write(work, member, {"customer_id": None})


async def close_forgotten(work: Work, _: Destroyed) -> None:
    """End the memberships of a person who was forgotten: their ledger stays, and leads to nobody."""
    rows = await work.database.fetch(_FORGOTTEN, LoyaltyMemberStatus.ACTIVE.name, LoyaltyMemberStatus.FROZEN.name)
    for (member_id,) in rows:
        await close(work, member_id, "The customer was forgotten.")


def _refuse_left(member: Row) -> None:
    if member["status"] not in (LoyaltyMemberStatus.ACTIVE.name, LoyaltyMemberStatus.FROZEN.name):
        raise errors.Invalid.at("memberId", "MEMBER_LEFT", "This member has left, or went on as another one.")


async def _tell(work: Work, member: Row, kind: type[Event], reason: str | None) -> None:
    await work.emit(work.event(kind, work.entities["loyalty_member"], member["id"], reason=reason))


async def _write(work: Work, member: Row, values: dict[str, Any]) -> Row:
    kind = work.entities["loyalty_member"]
    written = values | work.stamps(kind, created=False) | {"version": member["version"] + 1}
    await work.change("loyalty_member", member["id"], written)
    after = {**member, **written}
    told = {"before": member, "after": after, "changed": frozenset(values)}
    await work.emit(work.event(Updated, kind, member["id"], **told))
    return after
