"""How far a member is from the next tier, how far from losing the present one, and when to look again."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from crmcore_loyalty.tables.standings import LoyaltyStandingState as State
from crmcore_loyalty.tables.standings import LoyaltyTierMove
from crmcore_loyalty.tables.tiers import LoyaltyTierPeriod
from crmcore_loyalty.tiers.entitlement import Entitlement
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.standing import Evaluation, Move, Standing

__all__ = ["progress"]


def progress(
    ladder: Ladder, present: Entitlement, standing: Standing, moves: tuple[Move, ...], now: datetime
) -> Evaluation:
    """Complete an evaluation: what is missing, whether to warn, when to look again."""
    place, amount = ladder.place_of(standing.tier_id), present.amounts[0]
    above = ladder.rung(place + 1)
    keep_missing = _keep_missing(ladder, present, standing, place)
    warn_at = _warn_at(ladder, present, standing, keep_missing)
    warned = warn_at is not None and warn_at <= now
    if warned:
        standing = replace(standing, warned_until=standing.until)
    fell = bool(moves) and moves[-1].kind is LoyaltyTierMove.AT_RISK
    return Evaluation(
        standing,
        moves,
        present.amounts,
        present.window,
        above.id if above else None,
        max(above.threshold - amount, 0) if above else None,
        keep_missing,
        warned or fell,
        _due_at(ladder, present, standing, None if warned else warn_at, now),
    )


def _keep_missing(ladder: Ladder, present: Entitlement, standing: Standing, place: int) -> int | None:
    rung = ladder.rung(place)
    if rung is None or (standing.until is None and standing.state is not State.AT_RISK):
        return None
    held = present.amounts[0]
    if standing.state is State.ACTIVE:
        if ladder.periods.kind is LoyaltyTierPeriod.ROLLING:
            held = present.falls_below(rung.threshold)[1]
        elif ladder.keep == 0:
            return None
    return max(rung.threshold - held, 0)


def _warn_at(ladder: Ladder, present: Entitlement, standing: Standing, keep_missing: int | None) -> datetime | None:
    until = standing.until
    if not ladder.warn_days or not keep_missing or until is None or until == standing.warned_until:
        return None
    return present.before_days(ladder.warn_days, until)


def _due_at(
    ladder: Ladder, present: Entitlement, standing: Standing, warn_at: datetime | None, now: datetime
) -> datetime | None:
    instants = [standing.until, standing.grace_until, warn_at, present.window.ends]
    if ladder.periods.kind is LoyaltyTierPeriod.ROLLING:
        instants.extend(leaves for leaves, _ in present.leaving()[:1])
    return min((at for at in instants if at is not None and at > now), default=None)
