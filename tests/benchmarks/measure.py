"""Measuring: one cell is one operation of one server for some seconds; the servers take turns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from tests.benchmarks import usage
from tests.benchmarks.driver import Asked, Load
from tests.benchmarks.operations import Operation
from tests.benchmarks.peers.peer import Peer, Running, post
from tests.benchmarks.world import World

__all__ = ["CONNECTIONS", "Cell", "Contender", "Found", "Plan", "measure"]

CONNECTIONS = 32
_VARIANTS = 1000


@dataclass(frozen=True)
class Plan:
    """How long and how often.

    Attributes:

        rounds: cells of each operation and peer.
        seconds: of each.
        warm: seconds that each peer works on each operation before anything is measured.
    """

    rounds: int
    seconds: float
    warm: float


@dataclass(frozen=True)
class Contender:
    """A server that is measured.

    Attributes:

        peer: it.
        world: what the values that it is asked for are taken from.
        database: the first process of its database, None if that is part of the server.
        warm: seconds that it warms up for each operation, where another time than the plan's is meant.
        only: keys of what it is asked, where that is not all.
    """

    peer: Peer
    world: World
    database: int | None = None
    warm: float | None = None
    only: Collection[str] | None = None


@dataclass(frozen=True)
class Cell:
    """What was measured.

    Attributes:

        rate: good answers a second.
        p50, p99: milliseconds until an answer.
        server: processor time of the server, microseconds an answer.
        database: the same of the database's processes; 0 where it is part of the server.
        memory: of the server, MiB (PSS).
        size: bytes of an answer.
    """

    rate: float
    p50: float
    p99: float
    server: float
    database: float
    memory: float
    size: int


#: A server with an operation that it is asked, and the requests.
_Turn = tuple[Contender, Operation, Running, list[bytes]]
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
        running = [stack.enter_context(c.peer.running(_log(folder, c.peer))) for c in contenders]
        cells = [
            (c, operation, at, _requests(c.peer, at, operation, c.world))
            for operation in operations
            for c, at in zip(contenders, running, strict=True)
            if c.only is None or operation.key in c.only
        ]
        found: Found = {(c.peer.name, operation.key): [] for c, operation, _, _ in cells}  # in the order of the report
        for c, _, at, requests in sorted(cells, key=lambda cell: contenders.index(cell[0])):
            _cell(at, requests, plan.warm if c.warm is None else c.warm, c.database)
        for number in range(plan.rounds):
            # In another order each time, or who comes behind the same one always works beside what its database still has to do.
            for c, operation, at, requests in _in_turn(cells, number):
                cell = _cell(at, requests, plan.seconds, c.database)
                found[c.peer.name, operation.key].append(cell)
    return found


def _in_turn(cells: Sequence[_Turn], number: int) -> Sequence[_Turn]:
    """Return the servers of one operation after those of the other, in an order of this round."""
    order = Random(number).sample(range(len(cells)), len(cells))
    keys = list(dict.fromkeys(operation.key for _, operation, _, _ in cells))
    return [cells[place] for place in sorted(order, key=lambda place: keys.index(cells[place][1].key))]


def _log(folder: Path, peer: Peer) -> Path:
    return folder / f"{peer.name.replace(' ', '_')}.log"


def _requests(peer: Peer, running: Running, operation: Operation, world: World) -> list[bytes]:
    random = Random(operation.key)
    return [post(peer, running, operation, operation.vary(world, random)) for _ in range(_VARIANTS)]


def _cell(running: Running, requests: list[bytes], seconds: float, database: int | None) -> Cell:
    asked = Asked(("127.0.0.1", running.port), requests, CONNECTIONS, seconds, b'"data":{')
    before = usage.processor_time(running.pid), usage.processor_time(database) if database else 0.0
    command = [sys.executable, "-m", "tests.benchmarks.driver"]
    done = subprocess.run(command, input=msgspec.msgpack.encode(asked), stdout=subprocess.PIPE, check=True)
    load = msgspec.msgpack.decode(done.stdout, type=Load)
    if load.failures or not load.latencies:
        msg = f"{load.failures} answers of the server on port {running.port} were not good, such as {load.failure}"
        raise RuntimeError(msg)
    count, latencies = len(load.latencies), sorted(load.latencies)
    server = usage.processor_time(running.pid) - before[0]
    of_database = usage.processor_time(database) - before[1] if database else 0.0
    return Cell(
        rate=count / load.seconds,
        p50=latencies[count // 2],
        p99=latencies[int(count * 0.99)],
        server=server / count * 1e6,
        database=of_database / count * 1e6,
        memory=usage.memory(running.pid),
        size=load.received // count,
    )
