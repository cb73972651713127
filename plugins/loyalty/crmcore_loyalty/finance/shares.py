"""How much of a price belongs to points, and how much of that has been earned: IFRS 15 in three lines of arithmetic.

Paragraphs 73 to 80 (allocation by relative stand-alone selling prices), B39 to B43 (customer options), 87 to 90 (changes of the estimate
are caught up with at once); example 52 is among the tests.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

__all__ = ["allocated", "expected", "recognised", "whole"]

_NOTHING = Decimal(0)


def allocated(price: int, standalone: Decimal) -> Decimal:
    """Return the part of a price that belongs to points: the price by relative stand-alone selling prices.

    Args:

        price: what was paid for goods together with their points, which is also what the goods alone sell for; minor units.
        standalone: what the points would sell for alone, breakage taken off; minor units.
    """
    total = price + standalone
    return price * standalone / total if total else _NOTHING


def expected(earned: int, redeemed: int, outstanding: int, rate: Decimal, spent_by_now: Decimal | None) -> Decimal:
    """Return how many points of a cohort will have been redeemed in the end.

    Args:

        earned: all that were earned, less what was undone.
        redeemed: what was redeemed so far.
        outstanding: what is left; no more than this can still be redeemed.
        rate: share that is redeemed in the end.
        spent_by_now: share of what is redeemed in the end that is redeemed at the cohort's age, None without a curve. With one,
            what is still to come is the rest of the curve (Bornhuetter and Ferguson 1972), whatever came so far.
    """
    if spent_by_now is None:
        wanted = max(rate * earned, Decimal(redeemed))
    else:
        wanted = redeemed + rate * earned * (1 - spent_by_now)
    return min(wanted, Decimal(redeemed + outstanding))


def recognised(allocated: Decimal, redeemed: int, expected: Decimal) -> Decimal:
    """Return how much of what was allocated is revenue by now: in proportion to what is redeemed, all of it when no more will be."""
    if expected <= redeemed:
        return allocated
    return allocated * redeemed / expected


def whole(amount: Decimal) -> int:
    """Return an amount in whole minor units, halves away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
