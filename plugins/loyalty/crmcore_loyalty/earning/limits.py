"""Limits, budgets and cool-downs of rules, as pure functions of what was given so far."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.tables.rule_terms import LoyaltyRulePeriod as Period

__all__ = ["Allowed", "Count", "Scope", "Tally", "allowed", "period_key", "scopes"]

#: A rule's or a campaign's code, and within what is counted.
Scope = tuple[str, str]

_ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Count:
    """What was given so far within one scope."""

    times: int = 0
    points: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many points a rule may give now, and, if fewer than it would, why."""

    points: int
    why: str | None = None


class Tally:
    """Counts by scope, and what comes to them while awards are decided."""

    def __init__(self, counts: Mapping[Scope, Count] | None = None) -> None:
        self.counts = dict(counts or {})
        self.changed: set[Scope] = set()

    def of(self, scope: Scope) -> Count:
        """Return what was given within a scope."""
        return self.counts.get(scope, Count())

    def add(self, rule: Rule, member_id: UUID, local: datetime, points: int, at: datetime) -> None:
        """Note an award; one of fewer than 0 points takes an earlier one back."""
        times = 1 if points > 0 else -1
        for scope in scopes(rule, member_id, local):
            was = self.of(scope)
            last = at if was.last_at is None else max(was.last_at, at)
            self.counts[scope] = replace(was, times=was.times + times, points=was.points + points, last_at=last)
            self.changed.add(scope)


def scopes(rule: Rule, member_id: UUID, local: datetime) -> Iterator[Scope]:
    """Return within what a rule is counted; nothing, if it has no limits."""
    if rule.first is not None or rule.budget is not None:
        yield rule.code, _ALL
    if rule.campaign is not None and rule.campaign.budget is not None:
        yield f"campaign:{rule.campaign.code}", _ALL
    if rule.limit_times is not None or rule.limit_points is not None:
        yield rule.code, f"{member_id}/{period_key(rule.limit_period, local)}"
    if rule.cooldown_minutes:
        yield rule.code, f"{member_id}/LAST"


def period_key(period: Period, local: datetime) -> str:
    """Name the period in which a local time lies."""
    if period is Period.WEEK:
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02}"
    return {
        Period.DAY: f"{local:%Y-%m-%d}",
        Period.MONTH: f"{local:%Y-%m}",
        Period.YEAR: f"{local:%Y}",
        Period.EVER: "EVER",
    }[period]


def allowed(rule: Rule, member_id: UUID, local: datetime, at: datetime, points: int, tally: Tally) -> Allowed:
    """Say how many of the points a rule would give it may give."""
    wait = timedelta(minutes=rule.cooldown_minutes)
    left = Allowed(points)
    for code, within in scopes(rule, member_id, local):
        count = tally.of((code, within))
        if within.endswith("/LAST"):
            if count.last_at is not None and abs(at - count.last_at) < wait:
                return Allowed(0, f"it gave to this member less than {rule.cooldown_minutes} minutes ago")
        elif within != _ALL:
            if rule.limit_times is not None and count.times >= rule.limit_times:
                return Allowed(0, f"it gives {rule.limit_times} times a member and {rule.limit_period.name.lower()}")
            left = _least(left, rule.limit_points, count, f"a member's limit in a {rule.limit_period.name.lower()}")
        elif code == rule.code:
            if rule.first is not None and count.times >= rule.first:
                return Allowed(0, f"it gives to the first {rule.first} only")
            left = _least(left, rule.budget, count, "the rule's budget")
        elif rule.campaign is not None:
            left = _least(left, rule.campaign.budget, count, "the campaign's budget")
    return left


def _least(left: Allowed, limit: int | None, count: Count, what: str) -> Allowed:
    if limit is None or limit - count.points >= left.points:
        return left
    rest = max(0, limit - count.points)
    return Allowed(rest, f"{what} of {limit} has {rest} left")
