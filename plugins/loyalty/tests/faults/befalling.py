"""What happens to the system: all that the core's fault test has, and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from faults.warp import Warp, next_turn
from tests.faults.faults import FAULTS, Fault, Target

__all__ = ["NAMES", "with_clock"]

#: The kinds there are.
NAMES = (*FAULTS, "clock jumped", "clock set back")

#: How often the clock is chosen, where the others together are a hundred and more.
_OFTEN = 14


def with_clock(clock: Warp) -> Mapping[str, Fault]:
    """Return all kinds of faults, among them that a clock jumps to the end of a year, or to when days are an hour off."""

    async def jump(target: Target) -> bool:
        clock.set(next_turn(clock.now(), target.random.choice((0, 0, 0, 1))))
        return True

    async def back(target: Target) -> bool:
        clock.set(clock.now() - timedelta(seconds=target.random.randint(5, 120)))
        return True

    return {**FAULTS, "clock jumped": Fault(jump, _OFTEN), "clock set back": Fault(back, 3)}
