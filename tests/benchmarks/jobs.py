"""What jobs cost: how many a second two workers do, what waiting ones weigh, how long a start takes among them.

`python -m tests.benchmarks.jobs FOLDER [--jobs 20000] [--waiting 100000] [--workers 2] [--database sqlite|postgresql|both]`
"""

# ruff: noqa: T201 - printing is what it is for

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from crmcore import Actor, Crm, Job, Run, Settings, Work, hookimpl, ids, job
from tests.benchmarks.postgresql import postgresql
from tests.benchmarks.usage import memory, processor_time

plugin_name = "bench"
_BATCH = 500


@job()
async def small(run: Run, customer_id: UUID, template: str = "hello") -> None:
    """Do nothing, as quickly as possible."""


@job(at_once=1, per="customer_id")
async def visit(run: Run, customer_id: UUID) -> None:
    """Do nothing, in lanes."""


@hookimpl
def crm_jobs() -> Iterable[Job[Any]]:
    """Give the jobs."""
    return [small, visit]


def made(url: str) -> Crm:
    """Return a CRM with the plugin of the benchmark."""
    return Crm(Settings(database=url), plugins=[sys.modules[__name__]], installed=False)


async def put(crm: Crm, count: int, *, lanes: int = 0) -> float:
    """Put small jobs, a few hundred in a transaction; return seconds."""
    customers = [ids.new() for _ in range(lanes or 100)]

    def calls(start: int) -> Iterator[Any]:
        for n in range(start, min(start + _BATCH, count)):
            customer = customers[n % len(customers)]
            yield visit(customer_id=customer) if lanes else small(customer_id=customer)

    started = perf_counter()
    for start in range(0, count, _BATCH):

        async def unit(work: Work, start: int = start) -> None:
            for call in calls(start):
                await work.put(call)

        await crm.run(Actor.system(), unit)
    return perf_counter() - started


async def size(crm: Crm) -> float:
    """Return the MB that the table of jobs takes with its indexes."""
    if crm.database.dialect == "postgresql":
        await crm.database.execute("vacuum crm_job")
        return float(await crm.database.fetch_value("select pg_total_relation_size('crm_job')")) / 1e6
    return float(
        await crm.database.fetch_value(
            "select sum(pgsize) from dbstat where name in (select name from sqlite_master where tbl_name = 'crm_job')"
        )
        / 1e6
    )


async def working(url: str) -> None:
    """Say when the CRM has started, be a worker from a line of standard input to its end."""
    loop = asyncio.get_running_loop()
    async with made(url) as crm:
        print("started", flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)
        await crm.background.start()
        await loop.run_in_executor(None, sys.stdin.read)


async def done_by_workers(crm: Crm, url: str, workers: int) -> tuple[float, float]:
    """Have all waiting jobs done by processes; return seconds and processor seconds of all processes."""
    command = [sys.executable, "-m", "tests.benchmarks.jobs", "--working", url]
    pipe = asyncio.subprocess.PIPE
    processes = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(workers)]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"started\n"
    first, started = await _left(crm), perf_counter()
    used = sum(processor_time(p.pid) for p in processes)
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
    while left := await _left(crm):
        await asyncio.sleep(0.05)
        assert perf_counter() < started + 300, left
    took = perf_counter() - started
    used = sum(processor_time(p.pid) for p in processes) - used
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
    return first / took, used / first * 1e6


async def _left(crm: Crm) -> int:
    return int(await crm.database.fetch_value("select count(*) from crm_job where state < 5"))


async def start_among(url: str) -> float:
    """Return the seconds from making a CRM to the end of its first job."""
    started = perf_counter()
    async with made(url) as crm:
        before = await _left(crm)
        async with crm.background:
            while await _left(crm) == before:  # noqa: ASYNC110 - another task changes it
                await asyncio.sleep(0.01)
            return perf_counter() - started


@contextmanager
def urls(kinds: Iterable[str], folder: Path) -> Iterator[list[str]]:
    """Give a fresh database of each kind."""
    with ExitStack() as stack:
        found = []
        for kind in kinds:
            if kind == "sqlite":
                file = folder / "jobs.db"
                for old in folder.glob("jobs.db*"):
                    old.unlink()
                found.append(f"sqlite:///{file}")
            else:
                server, _ = stack.enter_context(postgresql(folder / "postgresql"))
                found.append(server.url("jobs"))
        yield found


async def measure(url: str, options: argparse.Namespace) -> None:
    """Print all figures of one database."""
    if url.startswith("postgresql"):
        import asyncpg

        connection = await asyncpg.connect(url.replace("/jobs?", "/postgres?"))
        await connection.execute("drop database if exists jobs with (force)")
        await connection.execute("create database jobs template template0 encoding 'UTF8'")
        await connection.close()
    crm = made(url)
    await crm.start(migrate="always")
    dialect = crm.database.dialect
    for lanes in (0, 1000):
        took = await put(crm, options.jobs, lanes=lanes)
        rate, cost = await done_by_workers(crm, url, options.workers)
        what = f"in {lanes} lanes" if lanes else "without lanes"
        print(
            f"{dialect}: {options.jobs} small jobs {what}: put {options.jobs / took:.0f}/s, done {rate:.0f}/s by "
            f"{options.workers} workers, {cost:.0f} us of processor time each (without the database's)"
        )
    await crm.database.execute("delete from crm_job")
    empty, heap = await size(crm), memory(os.getpid())
    took = await put(crm, options.waiting)
    print(
        f"{dialect}: {options.waiting} waiting: put in {took:.1f} s, {await size(crm) - empty:.1f} MB, "
        f"memory {memory(os.getpid()) - heap:+.1f} MB"
    )
    await crm.stop()
    print(f"{dialect}: start among them until the first job is done: {await start_among(url):.2f} s")


async def main(options: argparse.Namespace) -> None:
    """Measure on each database."""
    kinds = ("sqlite", "postgresql") if options.database == "both" else (options.database,)
    with urls(kinds, options.folder) as found:
        for url in found:
            await measure(url, options)


if __name__ == "__main__":
    if sys.argv[1] == "--working":
        asyncio.run(working(sys.argv[2]))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("folder", type=Path)
        parser.add_argument("--jobs", type=int, default=20_000)
        parser.add_argument("--waiting", type=int, default=100_000)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
        asyncio.run(main(parser.parse_args()))
