"""What the engine decides: awards with why, and why rules gave nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from crmcore_loyalty.earning.amounts import Parts
from crmcore_loyalty.earning.rule import Rule

__all__ = ["Award", "Outcome", "Skipped"]


@dataclass(frozen=True, slots=True)
class Award:
    """Points that a rule gives to somebody.

    Attributes:

        rule: which revision.
        member_id: who gets them.
        points: how many, more than 0.
        parts: the exact points by what they are for; refunds take them back in these proportions.
        steps: how they were computed, in sentences.
    """

    rule: Rule
    member_id: UUID
    points: int
    parts: Parts
    steps: Sequence[str]

    @property
    def exact(self) -> Fraction:
        """All parts together."""
        return sum(self.parts.values(), Fraction(0))


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that is about what happened and gives nothing for it.

    Attributes:

        rule: which revision.
        code: why, as in NOT_VALID.
        message: why, in a sentence.
    """

    rule: Rule
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rules give for what happened."""

    awards: Sequence[Award]
    skipped: Sequence[Skipped]
