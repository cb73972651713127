"""Why a member is in a tier, and what would be if."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import strawberry

from crmcore import BigInt, Crm, Work, errors, ids
from crmcore_loyalty.tiers import reading
from crmcore_loyalty.tiers.evaluate import evaluate
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.measure import histories
from crmcore_loyalty.tiers.requalify import earliest
from crmcore_loyalty.tiers.standing import Evaluation, standing_of
from crmcore_loyalty.tiers.words import told, why_moved

__all__ = ["LoyaltyTierAnswer", "loyalty_simulate_tier", "loyalty_why_tier"]


@strawberry.type(description="Where a member stands or would stand on a ladder of tiers, with the reasons.")
class LoyaltyTierAnswer:
    tier_id: strawberry.ID | None = strawberry.field(description="The tier; null below the lowest.")
    code: str | None = strawberry.field(description="Its short name.")
    name: str | None = strawberry.field(description="What members call it.")
    state: str = strawberry.field(description="How firmly they are in it: a LoyaltyStandingState.")
    until: datetime | None = strawberry.field(description="To when it lasts without anything more, if that is settled.")
    qualified: BigInt = strawberry.field(description="What counts in the present period.")
    missing: BigInt | None = strawberry.field(description="What is missing for the next tier; null at the highest.")
    keep_missing: BigInt | None = strawberry.field(
        description="What is missing to keep the tier beyond its end; null if it has none or nothing can be done now."
    )
    because: list[str] = strawberry.field(description="The reasons, a sentence each.")
    changes: list[str] = strawberry.field(
        description="What happened, or would happen, on the way there; the last last."
    )


_NOTHING = BigInt(0)
_FURTHEST = timedelta(days=3660)
_MEMBER = Annotated[strawberry.ID, strawberry.argument(description="Which member.")]
_GROUP = Annotated[strawberry.ID, strawberry.argument(description="Which ladder of tiers.")]


async def _why_tier(info: strawberry.Info[Any, None], member_id: _MEMBER, group_id: _GROUP) -> LoyaltyTierAnswer:
    crm: Crm = info.context.crm

    async def unit(work: Work) -> LoyaltyTierAnswer:
        ladder, evaluation = await _evaluated(work, member_id, group_id, 0, None)
        changes = await work.rows(
            "select at, reason from loyalty_tier_change where member_id = $1 and group_id = $2 order by at desc, id desc limit 10",
            ids.parse(member_id, "loyalty_member"),
            ladder.id,
        )
        past = [f"{ladder.periods.day(change['at'])}: {change['reason']}" for change in reversed(changes)]
        return _answer(ladder, evaluation, past)

    return await crm.run(info.context.actor, unit)


async def _simulate_tier(
    info: strawberry.Info[Any, None],
    member_id: _MEMBER,
    group_id: _GROUP,
    more: Annotated[
        BigInt, strawberry.argument(description="What else would count now, in the ladder's own unit.")
    ] = _NOTHING,
    at: Annotated[
        datetime | None,
        strawberry.argument(description="When to look, if nothing else happens until then; now if null."),
    ] = None,
) -> LoyaltyTierAnswer:
    crm: Crm = info.context.crm

    async def unit(work: Work) -> LoyaltyTierAnswer:
        ladder, evaluation = await _evaluated(work, member_id, group_id, more, at)
        return _answer(ladder, evaluation, [why_moved(ladder, move) for move in evaluation.moves])

    return await crm.run(info.context.actor, unit)


async def _evaluated(
    work: Work, member_id: str, group_id: str, more: int, at: datetime | None
) -> tuple[Ladder, Evaluation]:
    member = await work.get("loyalty_member", ids.parse(member_id, "loyalty_member"))
    group = await work.get("loyalty_tier_group", ids.parse(group_id, "loyalty_tier_group"))
    ladder = await reading.ladder(work.database, group["id"])
    if ladder is None or group["program_id"] != member["program_id"]:
        raise errors.Invalid.at(
            "groupId", "OTHER_PROGRAM", "The member is in another program than the ladder of tiers."
        )
    if at is not None and at > work.now + _FURTHEST:
        raise errors.Invalid.at("at", "OUT_OF_RANGE", "A simulation looks at most ten years ahead.")
    if at is not None and at < work.now:
        raise errors.Invalid.at("at", "IN_THE_PAST", "A simulation looks ahead; the history is in loyaltyTierChanges.")
    rows = await work.rows(
        "select * from loyalty_standing where member_id = $1 and group_id = $2", member["id"], ladder.id
    )
    since = earliest(ladder, rows, work.now)
    history = (await histories(work.database, ladder, [member["id"]], since)).get(member["id"], ())
    first = evaluate(ladder, member["enrolled_at"], _with(history, more, work.now), _standing(rows), work.now)
    if at is None:
        return ladder, first
    return ladder, evaluate(ladder, member["enrolled_at"], _with(history, more, work.now), first.standing, at)


def _standing(rows: list[dict[str, Any]]) -> Any:
    return standing_of(rows[0] if rows else None)


def _with(history: tuple[tuple[datetime, int], ...], more: int, now: datetime) -> tuple[tuple[datetime, int], ...]:
    return tuple(sorted((*history, (now, more)))) if more else history


def _answer(ladder: Ladder, evaluation: Evaluation, changes: list[str]) -> LoyaltyTierAnswer:
    standing = evaluation.standing
    rung = ladder.rung(ladder.place_of(standing.tier_id))
    return LoyaltyTierAnswer(
        tier_id=strawberry.ID(ids.encode("loyalty_tier", rung.id)) if rung else None,
        code=rung.code if rung else None,
        name=rung.name if rung else None,
        state=standing.state.name,
        until=standing.until,
        qualified=BigInt(evaluation.qualified),
        missing=None if evaluation.missing is None else BigInt(evaluation.missing),
        keep_missing=None if evaluation.keep_missing is None else BigInt(evaluation.keep_missing),
        because=told(ladder, evaluation),
        changes=changes,
    )


#: The query `loyaltyWhyTier`.
loyalty_why_tier: Any = strawberry.field(
    name="loyaltyWhyTier", resolver=_why_tier, description="Why a member is in the tier they are in."
)

#: The query `loyaltySimulateTier`.
loyalty_simulate_tier: Any = strawberry.field(
    name="loyaltySimulateTier",
    resolver=_simulate_tier,
    description="Where a member would stand with more, or at a later time; nothing is written.",
)
