"""Measuring: the servers run side by side and take turns, one cell after the other."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.benchmarks.cells import Asking, Cell, Contender
from tests.benchmarks.operations import Operation

__all__ = ["Found", "Plan", "measure"]


@dataclass(frozen=True)
class Plan:
    """How long and how often.

    Attributes:

        rounds: cells of each operation and peer.
        seconds: of each.
        warm: seconds that each peer works on each operation before anything is measured.
        long: the same for a peer that gets faster for a long time.
    """

    rounds: int
    seconds: float
    warm: float
    long: float


#: Cells by peer's name and operation's key, one for each round.
Found = dict[tuple[str, str], list[Cell]]


def measure(contenders: Sequence[Contender], operations: Sequence[Operation], plan: Plan, folder: Path) -> Found:
    """Run the servers side by side and ask one after the other.

    Args:

        contenders: the servers.
        operations: what is asked.
        plan: how long and how often.
        folder: for the servers' logs.

    Returns:

        what was measured.

    Raises:

        RuntimeError: an answer was not good; the message holds it.
    """
    with ExitStack() as stack:
        running = [stack.enter_context(c.running(folder)) for c in contenders]
        asking = [
            Asking(c, at, operation) for operation in operations for c, at in zip(contenders, running, strict=True)
        ]
        # In the order of the report.
        found: Found = {(a.contender.peer.name, a.operation.key): [] for a in asking}
        for each in sorted(asking, key=lambda a: contenders.index(a.contender)):
            warm = each.contender.warm
            each.cell(plan.warm if warm is None else warm)
        for number in range(plan.rounds):
            # In another order each time, or who comes behind the same one always works beside what its database still has to do.
            for each in _in_turn(asking, number):
                found[each.contender.peer.name, each.operation.key].append(each.cell(plan.seconds))
    return found


def _in_turn(asking: Sequence[Asking], number: int) -> Sequence[Asking]:
    """Return the servers of one operation after those of the other, in an order of this round."""
    order = Random(number).sample(range(len(asking)), len(asking))
    keys = list(dict.fromkeys(a.operation.key for a in asking))
    return [asking[place] for place in sorted(order, key=lambda place: keys.index(asking[place].operation.key))]
