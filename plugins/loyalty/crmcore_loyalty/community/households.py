"""Households: members who pool points. The pool is a member without a customer; a share is what is left of what one gave."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from crmcore import Actor, BigInt, Change, Crm, Ref, Row, Work, action, actions, errors, ids
from crmcore_loyalty import ledger
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

__all__ = [
    "POOL",
    "loyalty_create_household",
    "loyalty_join_household",
    "loyalty_leave_household",
    "loyalty_pool_points",
    "loyalty_redeem_from_household",
    "pool_by_itself",
    "prepare_household",
]

#: Making households, and moving points in and out of them.
POOL = "loyalty.pool"

_MEMBER_ID = Annotated[UUID, Ref("loyalty_member"), "Which member."]
_HOUSEHOLD_ID = Annotated[UUID, Ref("loyalty_household"), "Which household."]
_CURRENCY = Annotated[str, "Code of the points."]
_POINTS = Annotated[BigInt, "How many."]
_OPEN = "select household_id from loyalty_household_member where member_id = $1 and left_at is null"
_JOIN = """
    insert into loyalty_household_member (id, household_id, member_id, joined_at) values ($1, $2, $3, $4)
    on conflict do nothing returning id
"""
_LEAVE = (
    "update loyalty_household_member set left_at = $3 where household_id = $1 and member_id = $2 and left_at is null"
)
#: What is left in the pool of what came from a member, by currency.
_SHARE = """
    select l.currency_id, sum(l.remaining) as points from loyalty_lot l join loyalty_lot o on o.id = l.origin_id
    where l.member_id = $1 and o.member_id = $2 group by l.currency_id having sum(l.remaining) > 0
"""


async def prepare_household(work: Work, change: Change) -> None:
    """A household has a pool: a member of its program who is nobody's."""
    if change.kind == "create" and not change.violations:
        pool = {"program_id": change.get("program_id"), "status": LoyaltyMemberStatus.ACTIVE.name}
        pool |= {"number": f"H-{change.id.hex}", "enrolled_at": work.now}
        change.values["pool_id"] = (await work.insert("loyalty_member", pool))["id"]


@action(returns="loyalty_household", permission=POOL, isolation="read committed", since="0.1.0")
async def loyalty_create_household(
    work: Work,
    member_ids: Annotated[list[UUID], Ref("loyalty_member"), "Who belongs to it; all of one program."],
    automatic: Annotated[bool, "Whether what its members earn goes into the pool by itself."] = False,
) -> Row:
    """Make a household of members; each can be in one at a time."""
    if not member_ids:
        raise errors.Invalid.at("memberIds", "REQUIRED", "A household has at least one member.")
    members = [await _active(work, id) for id in sorted(set(member_ids))]
    programs = {member["program_id"] for member in members}
    if len(programs) > 1:
        raise errors.Invalid.at("memberIds", "OTHER_PROGRAM", "Members of one household are members of one program.")
    values = {"program_id": programs.pop(), "automatic": automatic}
    household = await actions.create(work, "loyalty_household", values)
    for member in members:
        await _join(work, household["id"], member["id"])
    return household


@action(returns="loyalty_household", permission=POOL, isolation="read committed", since="0.1.0")
async def loyalty_join_household(work: Work, id: _HOUSEHOLD_ID, member_id: _MEMBER_ID) -> Row:
    """Take a member into a household; who is in it already stays in it."""
    household = await work.get("loyalty_household", id, action="update")
    member = await _active(work, member_id)
    if member["program_id"] != household["program_id"]:
        raise errors.Invalid.at("memberId", "OTHER_PROGRAM", "The member is of another program than the household.")
    await _join(work, id, member_id)
    return household


@action(returns="loyalty_household", permission=POOL, isolation="read committed", since="0.1.0")
async def loyalty_leave_household(work: Work, id: _HOUSEHOLD_ID, member_id: _MEMBER_ID) -> Row:
    """Let a member leave a household and take along what is left of its points; they keep their expiry."""
    household = await work.get("loyalty_household", id, action="update")
    await work.get("loyalty_member", member_id)
    if await household_of(work, member_id) != id:
        raise errors.Invalid.at("memberId", "NOT_IN_HOUSEHOLD", "The member does not belong to this household.")
    for share in await work.rows(_SHARE, household["pool_id"], member_id):
        await ledger.transfer(
            work, household["pool_id"], member_id, share["currency_id"], int(share["points"]),
            origin_member_id=member_id, unrestricted=True, unlimited=True, reason="Left the household.",
        )  # fmt: skip
    await work.database.execute(_LEAVE, id, member_id, work.now)
    return household


@action(returns="loyalty_transaction", permission=POOL, isolation="read committed", since="0.1.0")
async def loyalty_pool_points(work: Work, member_id: _MEMBER_ID, currency: _CURRENCY, points: _POINTS) -> Row:
    """Put points of a member into its household's pool."""
    member = await _active(work, member_id)
    household = await _household(work, member_id)
    currency_id = await _currency(work, member, currency)
    return await ledger.transfer(
        work,
        member_id,
        household["pool_id"],
        currency_id,
        points,
        unrestricted=True,
        reason="Into the household's pool.",
    )


@action(returns="loyalty_transaction", permission=POOL, isolation="read committed", since="0.1.0")
async def loyalty_redeem_from_household(
    work: Work, member_id: _MEMBER_ID, currency: _CURRENCY, points: _POINTS,
    reason: Annotated[str | None, "What for."] = None,
) -> Row:  # fmt: skip
    """Spend points of a household's pool for one of its members, those that expire first first, whoever gave them."""
    member = await _active(work, member_id)
    household = await _household(work, member_id)
    asked = ledger.Redemption(
        member_id=household["pool_id"], currency_id=await _currency(work, member, currency), points=points, reason=reason,
        source=ledger.Source(type="loyalty_member", id=str(member_id)),
    )  # fmt: skip
    return await ledger.redeem(work, asked)


def comes_in(event: LoyaltyPointsChanged) -> bool:
    """Say whether a household wants what came in its pool."""
    came = (LoyaltyTransactionKind.ACCRUAL.name, LoyaltyTransactionKind.ACTIVATION.name)
    return event.pooled and event.kind in came and event.points > 0


async def pool_by_itself(crm: Crm, event: LoyaltyPointsChanged) -> None:
    """After a member has earned: put it into the pool, where the household wants that; told twice, once."""
    await crm.run(Actor.system("loyalty"), lambda work: _pool(work, event), isolation="read committed")


async def household_of(work: Work, member_id: UUID) -> UUID | None:
    """Return the household a member belongs to, None if to none."""
    found: UUID | None = await work.database.fetch_value(_OPEN, member_id)
    return found


async def _pool(work: Work, event: LoyaltyPointsChanged) -> None:
    household_id = await household_of(work, event.record_id)
    if household_id is None:
        return
    (household,) = await work.find("loyalty_household", id=household_id)
    if not household["automatic"]:
        return
    try:
        async with work.savepoint():
            await ledger.transfer(
                work, event.record_id, household["pool_id"], event.currency_id, event.points, id=event.id,
                unrestricted=True, unlimited=True, reason="Into the household's pool.",
            )  # fmt: skip
    except errors.Declined:
        # Spent meanwhile: there is nothing to pool any more.
        return


async def _join(work: Work, household_id: UUID, member_id: UUID) -> None:
    # The index lets a member be in one household, whoever else takes it into another at this moment.
    if await work.rows(_JOIN, ids.new(), household_id, member_id, work.now):
        return
    if await household_of(work, member_id) != household_id:
        shown = ids.encode("loyalty_member", member_id)
        message = f"{shown} is in another household; let it leave that first."
        raise errors.Invalid.at("memberIds", "IN_ANOTHER_HOUSEHOLD", message)


async def _active(work: Work, member_id: UUID) -> Row:
    member = await work.get("loyalty_member", member_id)
    if member["status"] != LoyaltyMemberStatus.ACTIVE.name:
        raise errors.Invalid.at("memberId", "MEMBER_NOT_ACTIVE", "Only an active member can be in a household.")
    return member


async def _household(work: Work, member_id: UUID) -> Row:
    household_id = await household_of(work, member_id)
    if household_id is None:
        raise errors.Invalid.at("memberId", "NOT_IN_HOUSEHOLD", "The member belongs to no household.")
    (household,) = await work.find("loyalty_household", id=household_id)
    return household


async def _currency(work: Work, member: Mapping[str, Any], code: str) -> UUID:
    found = await work.find("loyalty_currency", program_id=member["program_id"], code=code)
    if not found:
        raise errors.Invalid.at("currency", "UNKNOWN_CURRENCY", f"The program has no points called {code}.")
    id: UUID = found[0]["id"]
    return id
