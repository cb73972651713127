"""Rules that multiply what the others give: each has an award of its own, so that it can be explained and taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from crmcore_loyalty.earning.award import Award
from crmcore_loyalty.earning.stacking import Candidate
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect as Effect
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStacking as Stacking

__all__ = ["multiplied"]


def multiplied(candidates: Sequence[Candidate], awards: Sequence[Award]) -> Iterator[Candidate]:
    """Give what each factor adds to the other rules' points.

    Factors that are ADDITIVE or BEST_OF count from those points alone (1.5 and 2 add 0.5 and 1 times as many);
    MULTIPLICATIVE ones, which come after, from what there is with them.
    """
    factors = [one for one in candidates if one.rule.effect is Effect.MULTIPLY]
    base = list(awards)
    added: list[Candidate] = []
    for one in sorted(factors, key=lambda one: (one.rule.stacking is Stacking.MULTIPLICATIVE, one.rule.order)):
        of = [award.parts for award in base if _same(award, one)]
        if one.rule.stacking is Stacking.MULTIPLICATIVE:
            of += [other.parts for other in added if _alike(other, one)]
        share = Fraction(one.rule.factor or 1) - 1
        parts: dict[str, Fraction] = {}
        for some in of:
            for key, part in some.items():
                parts[key] = parts.get(key, Fraction(0)) + part * share
        total = sum(parts.values(), Fraction(0))
        step = f"{one.rule.name} makes it {one.rule.factor} times as many: {total} more."
        added.append(Candidate(one.rule, one.member_id, parts, [*one.steps, step]))
        yield added[-1]


def _same(award: Award, one: Candidate) -> bool:
    return (award.rule.currency_id, award.member_id) == (one.rule.currency_id, one.member_id)


def _alike(other: Candidate, one: Candidate) -> bool:
    return (other.rule.currency_id, other.member_id) == (one.rule.currency_id, one.member_id)
