"""The chain ladder: from what earlier cohorts have redeemed by each age, what younger ones will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Development", "chain_ladder"]

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Development:
    """What a triangle says.

    Attributes:

        factors: from each age to the next, by how much the cumulated amount grows.
        curve: share of the final amount that is reached at each age; the last is 1.
        ultimates: the final amount of each cohort.
    """

    factors: tuple[Decimal, ...]
    curve: tuple[Decimal, ...]
    ultimates: tuple[Decimal, ...]


def chain_ladder(triangle: Sequence[Sequence[int]]) -> Development:
    """Complete a triangle (Mack 1993, the volume-weighted factors).

    Args:

        triangle: for each cohort, the oldest first, what it has come to by each age: cumulated, one age for each period since.

    Raises:

        ValueError: there is no cohort.
    """
    if not triangle:
        msg = "A triangle needs a cohort."
        raise ValueError(msg)
    ages = max(map(len, triangle))
    factors = tuple(_factor(triangle, age) for age in range(ages - 1))
    curve = [_ONE]
    for factor in reversed(factors):
        curve.insert(0, curve[0] / factor)
    ultimates = tuple(Decimal(row[-1]) / curve[len(row) - 1] if row else Decimal(0) for row in triangle)
    return Development(factors, tuple(curve), ultimates)


def _factor(triangle: Sequence[Sequence[int]], age: int) -> Decimal:
    known = [row for row in triangle if len(row) > age + 1]
    before, after = sum(row[age] for row in known), sum(row[age + 1] for row in known)
    return Decimal(after) / before if before > 0 and after > 0 else _ONE
