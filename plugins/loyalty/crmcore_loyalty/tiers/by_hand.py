"""Tiers that are given by hand, for a time and for a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec.structs import replace

from crmcore import Ref, Row, Work, action, errors
from crmcore_loyalty.tables.standings import LoyaltyStandingState as State
from crmcore_loyalty.tables.standings import LoyaltyTierMove as Kind
from crmcore_loyalty.tiers import reading
from crmcore_loyalty.tiers.evaluate import evaluate
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.measure import histories
from crmcore_loyalty.tiers.permissions import TIERS
from crmcore_loyalty.tiers.requalify import earliest, locked, requalify
from crmcore_loyalty.tiers.standing import Move, Standing, standing_of
from crmcore_loyalty.tiers.writing import Outcome, write

__all__ = ["loyalty_override_tier", "loyalty_recalculate_tiers", "loyalty_release_tier"]


@action(returns="loyalty_standing", permission=TIERS, since="0.1.0", isolation="read committed")
async def loyalty_override_tier(
    work: Work,
    member_id: Annotated[UUID, Ref("loyalty_member"), "To whom."],
    tier_id: Annotated[UUID, Ref("loyalty_tier"), "Which tier."],
    reason: Annotated[str, "Why, for those who ask later."],
    until: Annotated[datetime | None, "To when; without an end if you do not say."] = None,
) -> Row:
    """Give a member a tier by hand, whatever they qualify for; when it ends the rules hold again, without grace days."""
    ladder = await _ladder(work, member_id, (await work.get("loyalty_tier", tier_id))["group_id"])
    if not reason.strip() or len(reason) > 500:
        raise errors.Invalid.at("reason", "REQUIRED", "Say why, in at most 500 characters.")
    if until is not None and until <= work.now:
        raise errors.Invalid.at("until", "IN_THE_PAST", "The end must be in the future.")
    row = await _row(work, ladder, member_id)
    before = standing_of(row)
    since = before.since if before.tier_id == tier_id else work.now
    given = Standing(tier_id, State.OVERRIDDEN, since, until, reason=reason.strip())
    await _put(work, ladder, row, before, given)
    return await _read(work, row)


@action(returns="loyalty_standing", permission=TIERS, since="0.1.0", isolation="read committed")
async def loyalty_release_tier(
    work: Work,
    member_id: Annotated[UUID, Ref("loyalty_member"), "Whose."],
    group_id: Annotated[UUID, Ref("loyalty_tier_group"), "On which ladder."],
) -> Row:
    """End what was given by hand: from now on the rules hold again; nothing happens where none was."""
    ladder = await _ladder(work, member_id, group_id)
    row = await _row(work, ladder, member_id)
    before = standing_of(row)
    if before.state is State.OVERRIDDEN:
        await _put(work, ladder, row, before, replace(before, until=work.now))
    return await _read(work, row)


@action(returns="loyalty_member", permission=TIERS, since="0.1.0", isolation="read committed")
async def loyalty_recalculate_tiers(
    work: Work, member_id: Annotated[UUID, Ref("loyalty_member"), "Whose tiers."]
) -> Row:
    """Evaluate a member's tiers anew, which otherwise happens by itself soon after anything that counts."""
    member = await work.get("loyalty_member", member_id)
    for ladder in await reading.ladders(work.database, program_id=member["program_id"]):
        await requalify(work, ladder, [member_id])
    return member


async def _ladder(work: Work, member_id: UUID, group_id: UUID) -> Ladder:
    member = await work.get("loyalty_member", member_id)
    group = await work.get("loyalty_tier_group", group_id)
    ladder = await reading.ladder(work.database, group_id)
    if ladder is None or group["program_id"] != member["program_id"]:
        raise errors.Invalid.at(
            "memberId", "OTHER_PROGRAM", "The member is in another program than the ladder of tiers."
        )
    return ladder


async def _row(work: Work, ladder: Ladder, member_id: UUID) -> Row:
    found = await locked(work, ladder, [member_id])
    if not found:
        raise errors.Invalid.at("memberId", "MEMBER_NOT_ACTIVE", "This member has left, or went on as another one.")
    return found[0]


async def _put(work: Work, ladder: Ladder, row: Row, before: Standing, given: Standing) -> None:
    history = (await histories(work.database, ladder, [row["member_id"]], earliest(ladder, [row], work.now))).get(
        row["member_id"], ()
    )
    evaluation = evaluate(ladder, row["enrolled_at"], history, given, work.now)
    if given.until != work.now:
        by_hand = Move(Kind.OVERRIDDEN, before, given, work.now, evaluation.amounts)
        evaluation = replace(evaluation, moves=(by_hand, *evaluation.moves))
    await write(work, ladder, [Outcome(row, evaluation)])


async def _read(work: Work, row: Row) -> Row:
    (now,) = await work.rows("select * from loyalty_standing where id = $1", row["id"])
    return now
