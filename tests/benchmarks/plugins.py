"""What twenty installed plugins cost: a start with them and one without, in turns; and `customer(id)` likewise.

Run by hand: `python -m tests.benchmarks.plugins`. It prints figures beside what was aimed at, and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import click

from tests.benchmarks.many import NAMES, install

AIM = 0.3
T = TypeVar("T")
START = """
import time; wall, cpu = time.perf_counter(), time.process_time()
from crmcore.cli.quick import quick_start
with quick_start():
    import asyncio, json, sys
    from crmcore import Crm, Settings
    crm = Crm(Settings(database=sys.argv[1]))
    crm.asgi()
asyncio.run(crm.start(migrate="new"))
print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu, len(crm.plugins)]))
"""
ASK = """
import asyncio, gc, json, sys, time
from crmcore import Actor, Crm, Settings, actions, ids
async def main():
    async with Crm(Settings(database=sys.argv[1])) as crm:
        me = Actor.system()
        row = await crm.run(me, lambda w: actions.create(w, "customer", {"kind": "PERSON", "given_name": "Ada"}))
        text = "query ($id: ID!) { customer(id: $id) { id displayName createdAt } }"
        asked = {"id": ids.encode("customer", row["id"])}
        for _ in range(300):
            await crm.execute(text, asked, actor=me)
        gc.collect()
        print("ready", flush=True)
        for line in sys.stdin:
            began = time.process_time()
            for _ in range(int(line)):
                await crm.execute(text, asked, actor=me)
            print((time.process_time() - began) / int(line), flush=True)
asyncio.run(main())
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="pairs of starts, and of runs of requests")
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        install(site)
        bare, full = (f"sqlite:///{folder}/without.db", ""), (f"sqlite:///{folder}/with.db", str(site))
        starts = in_turns(rounds, lambda: start(*bare), lambda: start(*full))
        for n, clock in enumerate(("wall clock", "CPU")):
            more = statistics.median(b[n] - a[n] for a, b in starts)
            without, there = (statistics.median(pair[m][n] for pair in starts) for m in (0, 1))
            click.echo(
                f"start, {clock:10} {without:6.3f} s, with {len(NAMES)} plugins {there:6.3f} s: {more:+.3f} s   aim +{AIM} s"
            )
        ratios = [b / a for a, b in requests(rounds, bare, full)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        click.echo(
            f"customer(id), CPU  {middle - 1:+.1%}, the middle half between {low - 1:+.1%} and {high - 1:+.1%}   aim 0 %"
        )


def in_turns(rounds: int, one: Callable[[], T], other: Callable[[], T]) -> list[tuple[T, T]]:
    """Call two things in turns, now this one first and now that; the first call of each is for warming up."""
    one(), other()
    pairs = []
    for n in range(rounds):
        if n % 2:
            second = other()
            pairs.append((one(), second))
        else:
            pairs.append((one(), other()))
    return pairs


def start(database: str, site: str) -> list[float]:
    """Start in a process of its own; return seconds by the clock, and of the processor."""
    run = subprocess.run(
        [sys.executable, "-c", START, database],
        env={**os.environ, "PYTHONPATH": site},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    wall, cpu, _ = json.loads(run.stdout)
    return [wall, cpu]


def requests(rounds: int, *places: tuple[str, str]) -> list[tuple[float, float]]:
    """Return seconds of the processor that a request takes, in pairs: both processes are there, and asked in turns."""
    with ExitStack() as stack:
        asked = [stack.enter_context(asking(*place)) for place in places]
        for process in asked:
            assert process.stdout is not None
            process.stdout.readline()
        pairs = in_turns(rounds * 3, lambda: _time(asked[0]), lambda: _time(asked[1]))
        for process in asked:
            process.terminate()
    return pairs


def asking(database: str, site: str) -> subprocess.Popen[str]:
    """Start a process that asks for a customer as often as it is told, and says how long one request took."""
    return subprocess.Popen(
        [sys.executable, "-c", ASK, database],
        env={**os.environ, "PYTHONPATH": site},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _time(process: subprocess.Popen[str], times: int = 200) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{times}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


if __name__ == "__main__":
    main()
