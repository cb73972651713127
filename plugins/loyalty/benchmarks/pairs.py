"""Operations in turn, by many clients at once, in rounds: so that a busy machine is busy for each of them alike."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Operation", "measured"]

Operation = Callable[[random.Random], Awaitable[object]]


async def measured(
    operations: Mapping[str, Operation], *, clients: int, seconds: float, rounds: int
) -> dict[str, float]:
    """Return how many of each were done in a second, the median of the rounds."""
    found: dict[str, list[float]] = {name: [] for name in operations}
    for turn in range(rounds + 1):
        for name, operation in operations.items():
            rate = await _rate(operation, clients, seconds if turn else seconds / 2)
            if turn:  # the first round only warms up
                found[name].append(rate)
    return {name: statistics.median(rates) for name, rates in found.items()}


async def _rate(operation: Operation, clients: int, seconds: float) -> float:
    done, end = 0, time.perf_counter() + seconds

    async def client(number: int) -> None:
        nonlocal done
        choice = random.Random(number)  # noqa: S311 - no secret
        while time.perf_counter() < end:
            await operation(choice)
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(clients)))
    return done / (time.perf_counter() - started)
