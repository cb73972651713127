"""What should cost nothing: servers that have more to do besides, beside one that has not, until a few hundredths can be told.

Two processes of one program differ by some hundredths for as long as they run, wherever their memory came to lie. So all are
started anew several times, and the plain server is there twice: what it differs from itself by is what cannot be told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from tests.benchmarks.cells import Asking, Cell, Contender
from tests.benchmarks.operations import Operation

__all__ = ["Closely", "Times", "closely"]


@dataclass(frozen=True)
class Closely:
    """How often and how long.

    Attributes:

        starts: how often all servers are started.
        turns: cells of each server after each start.
        seconds: of each.
        warm: seconds that each works before that.
    """

    starts: int
    turns: int
    seconds: float
    warm: float


@dataclass(frozen=True)
class Times:
    """A server's figures, times the plain one's: one for each start, the median of its turns.

    Attributes:

        rate: of requests per second.
        server: of the server's processor time.
    """

    rate: Sequence[float]
    server: Sequence[float]


def closely(contenders: Sequence[Contender], operation: Operation, plan: Closely, folder: Path) -> Mapping[str, Times]:
    """Measure servers beside the first of them.

    Args:

        contenders: the servers, each with a name of its own.
        operation: what they are asked.
        plan: how often and how long.
        folder: for the servers' logs.

    Returns:

        what was measured, by the name of each server but the first.

    Raises:

        RuntimeError: an answer was not good; the message holds it.
    """
    starts = [_started(contenders, operation, plan, folder, Random(number)) for number in range(plan.starts)]
    return {
        c.peer.name: Times(
            [_times(start, place, lambda cell: cell.rate) for start in starts],
            [_times(start, place, lambda cell: cell.server) for start in starts],
        )
        for place, c in enumerate(contenders)
        if place
    }


def _started(
    contenders: Sequence[Contender], operation: Operation, plan: Closely, folder: Path, random: Random
) -> list[list[Cell]]:
    """Start the servers and return the cells of each turn, in the servers' order."""
    places, turns = range(len(contenders)), []
    with ExitStack() as stack:
        asking = {
            place: Asking(contenders[place], stack.enter_context(contenders[place].running(folder)), operation)
            for place in random.sample(places, len(places))
        }
        for each in asking.values():
            each.cell(plan.warm)
        for _ in range(plan.turns):
            found = {place: asking[place].cell(plan.seconds) for place in random.sample(places, len(places))}
            turns.append([found[place] for place in places])
    return turns


def _times(turns: Sequence[Sequence[Cell]], place: int, of: Callable[[Cell], float]) -> float:
    return median(of(cells[place]) / of(cells[0]) for cells in turns)
