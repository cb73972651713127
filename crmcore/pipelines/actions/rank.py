"""Where a deal stands in its stage: texts of digits between any two of which there is room for another.

A rank is read as the digits of a number between 0 and 1. Digits alone sort alike in every collation of PostgreSQL,
which letters do not. New ranks at either end take whole steps, so that they stay short however many there are.
"""

from __future__ import annotations

__all__ = ["FIRST", "LONGEST", "above", "below", "between", "spread"]

_WIDTH = 12
#: Rank of the first deal of an empty stage.
FIRST = "5" + "0" * (_WIDTH - 1)
#: Ranks longer than this call for spreading the stage anew; reached after some 340 moves to one and the same gap.
LONGEST = 128


def above(first: str | None) -> str:
    """Return a rank before `first`, the first of all (None: there is none)."""
    return FIRST if first is None else f"{int(first[:_WIDTH]) - 1:0{_WIDTH}d}"


def below(last: str | None) -> str:
    """Return a rank after `last`, the last of all (None: there is none)."""
    return FIRST if last is None else f"{int(last[:_WIDTH]) + 1:0{_WIDTH}d}"


def between(low: str, high: str) -> str:
    """Return a rank between two others.

    Raises:

        ValueError: `low` does not come before `high`.
    """
    if not low < high:
        msg = f"There is no rank between {low} and {high}: the first must be the smaller."
        raise ValueError(msg)
    width = max(len(low), len(high))
    down, up = int(low.ljust(width, "0")), int(high.ljust(width, "0"))
    if up - down < 2:
        down, up, width = down * 10, up * 10, width + 1
    digits = f"{(down + up) // 2:0{width}d}"
    return digits[:_WIDTH] + digits[_WIDTH:].rstrip("0")


def spread(count: int) -> list[str]:
    """Return `count` short ranks in ascending order."""
    start = int(FIRST) - count // 2
    return [f"{start + n:0{_WIDTH}d}" for n in range(count)]
