"""The rules of tiers: a pure function of what counts, where a member stood, and the time.

Between two evaluations the machine is moved through every instant at which time alone changes something, so that the outcome
does not depend on when somebody looked.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from crmcore_loyalty.tables.standings import LoyaltyStandingState as State
from crmcore_loyalty.tables.standings import LoyaltyTierMove as Kind
from crmcore_loyalty.tables.tiers import LoyaltyTierDowngrade
from crmcore_loyalty.tiers.entitlement import Entitlement, Record
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.progress import progress
from crmcore_loyalty.tiers.standing import Evaluation, History, Move, Standing

__all__ = ["evaluate"]

#: What happened within a few minutes from now by somebody else's clock counts as now.
_LATEST = timedelta(minutes=5)


def evaluate(ladder: Ladder, joined_at: datetime, history: History, standing: Standing, now: datetime) -> Evaluation:
    """Say where a member stands.

    Args:

        ladder: the tiers and their rules.
        joined_at: when the member enrolled.
        history: what counts, all of the periods that matter.
        standing: where they stood when this was last asked; `NOWHERE` if never.
        now: the time.
    """
    record = Record(ladder, joined_at, history)
    moves: list[Move] = []
    while (at := _boundary(standing, now)) is not None:
        standing = _step(ladder, record.at(at, at), standing, at, moves)
    present = record.at(now, now + _LATEST)
    standing = _step(ladder, present, standing, now, moves)
    return progress(ladder, present, standing, tuple(moves), now)


def _boundary(standing: Standing, now: datetime) -> datetime | None:
    at = standing.grace_until if standing.state is State.AT_RISK else standing.until
    return at if at is not None and at <= now else None


def _step(ladder: Ladder, right: Entitlement, before: Standing, at: datetime, moves: list[Move]) -> Standing:
    after, kind = _decided(ladder, right, before, at)
    if kind is not None:
        moves.append(Move(kind, before, after, at, right.amounts))
    return after


def _decided(ladder: Ladder, right: Entitlement, before: Standing, at: datetime) -> tuple[Standing, Kind | None]:
    place = ladder.place_of(before.tier_id)
    if before.state is State.OVERRIDDEN:
        if before.until is None or at < before.until:
            return before, None
        kind = _kind(place, right.place)
        return _settled(ladder, right, before, before.until), kind
    if right.place > place:
        return _settled(ladder, right, before, at), Kind.UPGRADED
    if right.place == place:
        kept = _settled(ladder, right, before, at)
        return kept, Kind.RETAINED if before.state is State.AT_RISK else None
    return _lapsing(ladder, right, before, place, at)


def _kind(place: int, entitled: int) -> Kind:
    if entitled == place:
        return Kind.RELEASED
    return Kind.UPGRADED if entitled > place else Kind.DOWNGRADED


def _settled(ladder: Ladder, right: Entitlement, before: Standing, at: datetime) -> Standing:
    tier_id = ladder.tier_id(right.place)
    until = right.until(right.place)
    if tier_id == before.tier_id:
        if before.state is State.LANDED and before.until is not None and until is not None:
            until = max(until, before.until)
        if before.state is State.ACTIVE and before.until == until:
            return before
        return replace(before, state=State.ACTIVE, until=until, grace_until=None, reason=None)
    return Standing(tier_id, since=at, until=until)


def _lapsing(
    ladder: Ladder, right: Entitlement, before: Standing, place: int, at: datetime
) -> tuple[Standing, Kind | None]:
    if before.state is State.LANDED and (before.until is None or at < before.until):
        return before, None
    # Who lapses by a period's end has the grace days from there; who lapses because something was undone, from now.
    grace = before.grace_until if before.state is State.AT_RISK else right.after_days(ladder.grace_days, at)
    if grace is not None and at < grace:
        if before.state is State.AT_RISK:
            return before, None
        return replace(before, state=State.AT_RISK, until=None, grace_until=grace), Kind.AT_RISK
    return _fallen(ladder, right, place, at), Kind.DOWNGRADED


def _fallen(ladder: Ladder, right: Entitlement, place: int, at: datetime) -> Standing:
    target = right.place
    if ladder.downgrade is LoyaltyTierDowngrade.ONE_LEVEL:
        target = max(place - 1, right.place)
    if target > right.place:
        return Standing(ladder.tier_id(target), State.LANDED, since=at, until=right.landing())
    return Standing(ladder.tier_id(target), since=at, until=right.until(target))
