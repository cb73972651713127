"""How many bits of a blind token are kept: enough to find few records, too few to tell what a value is.

The rule is CipherSweet's: with R records and indexes of L bits over values of K bits of their own, R / 2^Σmin(L, K) records
share a token by coincidence; that number should be between 2 (the last step may go below it) and √R.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log2
from typing import Final

__all__ = ["UNIQUE_BITS", "Planned", "coincidences", "plan"]

#: Of values that occur once each: their frequency says nothing, so nothing need be hidden.
UNIQUE_BITS: Final = 63
_MOST: Final = 32


@dataclass(frozen=True, slots=True)
class Planned:
    """An index that a column has already.

    Attributes:

        bits: how many of its tokens' bits are kept.
        value_bits: how many bits of their own the values have: two to their power is how many there can be.
    """

    bits: int
    value_bits: float = 1024.0


def coincidences(records: int, indexes: Sequence[Planned]) -> float:
    """Return how many records share all their tokens by coincidence."""
    return float(records / 2 ** sum(min(index.bits, index.value_bits) for index in indexes))


def plan(records: int, value_bits: float = 1024.0, existing: Sequence[Planned] = ()) -> range:
    """Return the numbers of bits that a further index may have; none if any would tell too much, or find too much."""
    if records < 2:
        return range(0)
    taken = sum(min(index.bits, index.value_bits) for index in existing)
    most = log2(records) - taken
    least = max(1, ceil(log2(records) / 2 - taken))
    if least > value_bits:
        return range(0)
    return range(least, min(_MOST, floor(min(most, value_bits))) + 1)
