"""Rates as people write them: `100/m` is one start every 0.6 seconds."""

from __future__ import annotations

import re

__all__ = ["spacing_of"]

_RATE = re.compile(r"(\d+)/(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def spacing_of(rate: str) -> int:
    """Return the microseconds between two starts.

    Starts are spaced evenly, so no stretch of the length of the period has more of them than the rate says.

    Args:

        rate: how many in a second, minute, hour or day: `5/s`, `100/m`, `1000/h`, `1/d`.

    Raises:

        ValueError: it is no rate.
    """
    found = _RATE.fullmatch(rate)
    if found is None or not int(found[1]):
        msg = f"{rate!r} is no rate; write for example 5/s, 100/m, 1000/h or 1/d."
        raise ValueError(msg)
    return -(-_SECONDS[found[2]] * 1_000_000 // int(found[1]))
