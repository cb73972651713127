"""Which faults befall a system, and when: each hits one that works again, and some begin while others last."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from time import monotonic

from tests.faults.faults import FAULTS, Fault, Target
from tests.faults.plan import Plan

__all__ = ["befall"]

#: So many intents come to their end between two faults, unless that takes longer than so many seconds.
_BETWEEN, _LONGEST = 6, 6.0


async def befall(
    plan: Plan,
    target: Target,
    happened: Counter[str],
    progress: Callable[[], int],
    faults: Mapping[str, Fault] = FAULTS,
) -> None:
    """Inflict the faults of a plan.

    Args:

        plan: how many, how dense, of which kinds.
        target: what they happen to.
        happened: counts them by kind.
        progress: how many intents have come to their end so far.
        faults: the kinds there are, by name.
    """
    able = {
        name: fault.weight
        for name, fault in faults.items()
        if plan.dialect in fault.dialects and (not plan.only or name in plan.only)
    }
    lasting: set[asyncio.Task[None]] = set()

    async def inflict(name: str) -> None:
        did = await faults[name].inflict(target)
        happened[name] += did

    while happened.total() + len(lasting) < plan.faults:
        await _until_it_works(progress)
        await asyncio.sleep(target.random.expovariate(1 / plan.pace))
        (name,) = target.random.choices(list(able), list(able.values()))
        task = asyncio.create_task(inflict(name))
        lasting.add(task)
        task.add_done_callback(lasting.discard)
        # Most faults are over at once; those that last have others beside them.
        await asyncio.wait([task], timeout=0.05)
    if lasting:
        await asyncio.wait(lasting)


async def _until_it_works(progress: Callable[[], int]) -> None:
    enough, end = progress() + _BETWEEN, monotonic() + _LONGEST
    while progress() < enough and monotonic() < end:  # noqa: ASYNC110 - a count tells nobody that it grows
        await asyncio.sleep(0.02)
