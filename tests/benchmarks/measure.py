"""Measuring: one cell is one operation of one peer for some seconds; the peers take turns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
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

__all__ = ["CONNECTIONS", "Cell", "Found", "Plan", "measure"]

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


#: Cells by peer's name and operation's key, one for each round.
Found = dict[tuple[str, str], list[Cell]]


def measure(
    peers: Sequence[Peer],
    operations: Sequence[Operation],
    world: World,
    plan: Plan,
    database: int | None,
    folder: Path,
    told: Mapping[str, float] | None = None,
    only: Mapping[str, Collection[str]] | None = None,
) -> Found:
    """Run the peers side by side and ask one after the other.

    Args:

        peers: servers on the same database.
        operations: what is asked.
        world: what its values are taken from.
        plan: how long and how often.
        database: the database's first process, None if there is none.
        folder: for the servers' logs.
        told: warm-up by peer's name where another than the plan's is meant.
        only: keys of what is asked by peer's name, where that is not all.

    Returns:

        what was measured.

    Raises:

        RuntimeError: an answer was not good; the message holds it.
    """
    found: Found = {}
    with ExitStack() as stack:
        running = {p.name: stack.enter_context(p.running(folder / f"{p.name.replace(' ', '_')}.log")) for p in peers}
        pairs = [(p, o) for o in operations for p in peers if o.key in (only or {}).get(p.name, (o.key,))]
        requests = {(p.name, o.key): _requests(p, running[p.name], o, world) for p, o in pairs}
        for peer, operation in sorted(pairs, key=lambda pair: peers.index(pair[0])):
            seconds = (told or {}).get(peer.name, plan.warm)
            _cell(running[peer.name], requests[peer.name, operation.key], seconds, database)
        for number in range(plan.rounds):
            # To and fro, so that nobody always follows the same one, whose work the database may still be writing down.
            for peer, operation in pairs if number % 2 == 0 else reversed(pairs):
                cell = _cell(running[peer.name], requests[peer.name, operation.key], plan.seconds, database)
                found.setdefault((peer.name, operation.key), []).append(cell)
    return found


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
