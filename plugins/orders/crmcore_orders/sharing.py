"""An amount is shared among parts by the largest remainder: not a minor unit is lost or made, whatever the weights."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["percent", "shared"]


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """Share an amount in proportion to weights (Hamilton's method).

    Each part gets its exact share rounded down; what is left goes, a minor unit each, to the parts whose remainders are
    largest, the first of equal ones.

    Args:

        amount: minor units, not negative.
        weights: not negative; where all are 0, they count as equal.

    Returns:

        as many parts, which add up to the amount; none is further than one minor unit from its exact share.

    Raises:

        ValueError: there is nobody to share an amount.
    """
    if not weights:
        if amount:
            msg = "There is nothing to share an amount among."
            raise ValueError(msg)
        return []
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(parts)), key=lambda n: (-(amount * weights[n] % whole), n))
    for n in by_remainder[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def percent(rate: Decimal, amount: int, *, included: bool = False) -> int:
    """Return a percentage of an amount, halves rounded up.

    Args:

        rate: percent.
        amount: minor units.
        included: whether the amount contains the percentage already, as a price with tax does.
    """
    of = amount * rate / (100 + rate) if included else amount * rate / 100
    return int(of.quantize(Decimal(1), rounding=ROUND_HALF_UP))
