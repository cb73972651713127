"""What the rules say of a member, in sentences."""

from __future__ import annotations

from datetime import datetime

from crmcore_loyalty.tables.standings import LoyaltyStandingState as State
from crmcore_loyalty.tables.standings import LoyaltyTierMove as Kind
from crmcore_loyalty.tables.tiers import LoyaltyTierMetric
from crmcore_loyalty.tiers.ladder import Ladder
from crmcore_loyalty.tiers.periods import Window
from crmcore_loyalty.tiers.standing import Evaluation, Move, Standing

__all__ = ["told", "why_moved"]

_UNIT = {LoyaltyTierMetric.POINTS: "points", LoyaltyTierMetric.VISITS: "visits"}


def why_moved(ladder: Ladder, move: Move) -> str:
    """Return why a standing moved."""
    before, after = _named(ladder, move.before), _named(ladder, move.after)
    counts = " and ".join(f"{amount:,}" for amount in move.amounts)
    basis = f"{counts} {_unit(ladder)} count, the present period first"
    match move.kind:
        case Kind.UPGRADED:
            return f"{basis}; {after} needs {_threshold(ladder, move.after):,}."
        case Kind.DOWNGRADED:
            landed = " They keep it to its end." if move.after.state is State.LANDED else ""
            return f"{basis}; {before} needs {_threshold(ladder, move.before):,}, so {after} came after it.{landed}"
        case Kind.AT_RISK:
            needs = _threshold(ladder, move.before)
            return f"{basis}; {before} needs {needs:,}. It is theirs until {_day(ladder, move.after.grace_until)}."
        case Kind.RETAINED:
            return f"{basis}; {before} needs {_threshold(ladder, move.before):,}, so it stays theirs."
        case Kind.RELEASED:
            return f"What was given by hand ended; {basis}, which is enough for {after}."
    return move.after.reason or "Given by hand."


def told(ladder: Ladder, evaluation: Evaluation) -> list[str]:
    """Return where a member stands, why, and what is next."""
    standing, unit = evaluation.standing, _unit(ladder)
    lines = [f"{evaluation.qualified:,} {unit} count {_during(ladder, evaluation.window)}.", _where(ladder, standing)]
    if evaluation.missing is not None:
        above = ladder.rung(ladder.place_of(standing.tier_id) + 1)
        lines.append(f"{evaluation.missing:,} {unit} more are needed for {above.name if above else ''}.")
    if evaluation.keep_missing:
        lines.append(
            f"{evaluation.keep_missing:,} {unit} more are needed to keep {_named(ladder, standing)} after that."
        )
    return lines


def _where(ladder: Ladder, standing: Standing) -> str:
    name = _named(ladder, standing)
    if standing.state is State.OVERRIDDEN:
        end = f" until {_day(ladder, standing.until)}" if standing.until else ""
        return f"{name} was given by hand{end}: {standing.reason}"
    if standing.state is State.AT_RISK:
        return f"{name} is not qualified for any more and stays theirs until {_day(ladder, standing.grace_until)}."
    if standing.state is State.LANDED:
        return f"{name} is kept until {_day(ladder, standing.until)} after coming down."
    return f"{name} is theirs until {_day(ladder, standing.until)}." if standing.until else f"{name} is theirs."


def _named(ladder: Ladder, standing: Standing) -> str:
    rung = ladder.rung(ladder.place_of(standing.tier_id))
    return rung.name if rung else "No tier"


def _threshold(ladder: Ladder, standing: Standing) -> int:
    rung = ladder.rung(ladder.place_of(standing.tier_id))
    return rung.threshold if rung else 0


def _unit(ladder: Ladder) -> str:
    return _UNIT.get(ladder.metric) or f"minor units of {ladder.money}"


def _during(ladder: Ladder, window: Window) -> str:
    if window.begins is None:
        return "in all"
    return f"since {_day(ladder, window.begins)}" + (f" and before {_day(ladder, window.ends)}" if window.ends else "")


def _day(ladder: Ladder, at: datetime | None) -> str:
    return ladder.periods.day(at).isoformat() if at else "further notice"
