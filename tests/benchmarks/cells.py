"""One cell of what is measured: what a server did in some seconds while it was asked for one operation."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from tests.benchmarks import usage
from tests.benchmarks.driver import Asked, Load
from tests.benchmarks.operations import Operation
from tests.benchmarks.peers.peer import Peer, Running, post
from tests.benchmarks.world import World

__all__ = ["CONNECTIONS", "Asking", "Cell", "Contender"]

CONNECTIONS = 32
_VARIANTS = 1000


@dataclass(frozen=True)
class Contender:
    """A server that is measured.

    Attributes:

        peer: it.
        world: what the values that it is asked for are taken from.
        database: the first process of its database, None if that is part of the server.
        warm: seconds that it warms up for each operation, where another time than the plan's is meant.
    """

    peer: Peer
    world: World
    database: int | None = None
    warm: float | None = None

    @contextmanager
    def running(self, folder: Path) -> Iterator[Running]:
        """Run it; what it prints goes into a file of the folder."""
        with self.peer.running(folder / f"{self.peer.name.replace(' ', '_')}.log") as running:
            yield running


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


class Asking:
    """A server that runs, with an operation that it is asked.

    Attributes:

        contender: the server.
        operation: what it is asked.
    """

    def __init__(self, contender: Contender, running: Running, operation: Operation) -> None:
        self.contender, self.operation = contender, operation
        self._running, random = running, Random(operation.key)
        values = (operation.vary(contender.world, random) for _ in range(_VARIANTS))
        self._requests = [post(contender.peer, running, operation, each) for each in values]

    def cell(self, seconds: float) -> Cell:
        """Ask for some seconds.

        Raises:

            RuntimeError: an answer was not good; the message holds it.
        """
        server, database = self._running.pid, self.contender.database
        before = usage.processor_time(server), usage.processor_time(database) if database else 0.0
        load = self._asked(seconds)
        count, latencies = len(load.latencies), sorted(load.latencies)
        spent = usage.processor_time(server) - before[0]
        of_database = usage.processor_time(database) - before[1] if database else 0.0
        return Cell(
            rate=count / load.seconds,
            p50=latencies[count // 2],
            p99=latencies[int(count * 0.99)],
            server=spent / count * 1e6,
            database=of_database / count * 1e6,
            memory=usage.memory(server),
            size=load.received // count,
        )

    def _asked(self, seconds: float) -> Load:
        port = self._running.port
        asked = Asked(("127.0.0.1", port), self._requests, CONNECTIONS, seconds, b'"data":{')
        command = [sys.executable, "-m", "tests.benchmarks.driver"]
        done = subprocess.run(command, input=msgspec.msgpack.encode(asked), stdout=subprocess.PIPE, check=True)
        load = msgspec.msgpack.decode(done.stdout, type=Load)
        if load.failures or not load.latencies:
            msg = f"{load.failures} answers of the server on port {port} were not good, such as {load.failure}"
            raise RuntimeError(msg)
        return load
