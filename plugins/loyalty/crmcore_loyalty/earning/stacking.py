"""Which of the rules that match count together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from uuid import UUID

from crmcore_loyalty.earning.amounts import Parts
from crmcore_loyalty.earning.award import Skipped
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect as Effect
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStacking as Stacking

__all__ = ["Candidate", "stacked"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that matches, and what it would give; see `Award`."""

    rule: Rule
    member_id: UUID
    parts: Parts
    steps: Sequence[str]

    @property
    def exact(self) -> Fraction:
        """All parts together."""
        return sum(self.parts.values(), Fraction(0))


def stacked(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[Skipped]]:
    """Return those that count, and why the others do not: decided for each kind of points and each recipient by itself."""
    kept: list[Candidate] = []
    dropped: list[Skipped] = []
    ordered = sorted(candidates, key=lambda one: (one.rule.currency_id, one.member_id, one.rule.order))
    for _, together in groupby(ordered, key=lambda one: (one.rule.currency_id, one.member_id)):
        some = list(together)
        exclusive = [one for one in some if one.rule.stacking is Stacking.EXCLUSIVE]
        if exclusive:
            kept.append(exclusive[0])
            dropped += (_no(one, "EXCLUSIVE", exclusive[0]) for one in some if one is not exclusive[0])
            continue
        best = {effect: _best(some, effect) for effect in (True, False)}
        for one in some:
            winner = best[one.rule.effect is Effect.MULTIPLY]
            if one.rule.stacking is not Stacking.BEST_OF or one is winner or winner is None:
                kept.append(one)
            else:
                dropped.append(_no(one, "BEST_OF", winner))
    kept.sort(key=lambda one: one.rule.order)
    return kept, dropped


def _best(some: Sequence[Candidate], multiply: bool) -> Candidate | None:
    rivals = [
        one
        for one in some
        if one.rule.stacking is Stacking.BEST_OF and (one.rule.effect is Effect.MULTIPLY) is multiply
    ]
    # max() keeps the first of equals, which is the one with the greater priority.
    return max(rivals, key=lambda one: one.rule.factor or 0 if multiply else one.exact, default=None)


def _no(one: Candidate, code: str, other: Candidate) -> Skipped:
    return Skipped(one.rule, code, f"{other.rule.name} ({other.rule.code}) counts instead.")
