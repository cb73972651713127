"""Workers that are killed: what they had begun is done by others, and what is had once is had once."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from crmcore import Actor, Crm, Work
from tests.jobs import processes
from tests.jobs.conftest import until

JOBS = 60
LANES = 4


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin of the killed processes."""
    return [processes]


async def begun(url: str, stack: AsyncExitStack) -> Process:
    """Start a worker's process, killed at the end if it still runs."""
    command = (sys.executable, "-m", "tests.jobs.processes", url)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    stack.push_async_callback(killed, process)
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert b"begun\n" == await process.stdout.readline()
    return process


async def killed(process: Process) -> None:
    """Kill a process, as kill -9 does."""
    if process.returncode is None:
        process.kill()
        await process.wait()


def numbers(path: Path) -> list[int]:
    """Return the lines of a file."""
    return [int(line) for line in path.read_text().split()]


async def test_what_a_killed_worker_had_begun_is_done_by_another(crm: Crm, tmp_path: Path) -> None:
    """Each job at least once, each that ends with its effect exactly once, each lane in order."""

    async def unit(work: Work) -> None:
        for n in range(JOBS):
            await work.put(processes.grind(folder=str(tmp_path), n=n))
            await work.put(processes.bake(n=n))
            await work.put(processes.queue(folder=str(tmp_path), lane=n % LANES, n=n))

    async def left() -> int:
        return int(await crm.database.fetch_value("select count(*) from crm_job where state < 5"))

    async with AsyncExitStack() as stack:
        first, second = [await begun(crm.database.url, stack) for _ in range(2)]
        await crm.run(Actor.system(), unit)

        async def some_done() -> bool:
            return await left() < 3 * JOBS - 20

        await until(some_done)
        await killed(first)

        async def none_left() -> bool:
            return not await left()

        await until(none_left, seconds=30)
        assert second.returncode is None

    assert set(range(JOBS)) == {n for path in tmp_path.glob("[0-9]*") for n in numbers(path)}  # noqa: ASYNC240 - a test
    sql = "select count(*), count(distinct display_name) from customer where display_name like 'baked %'"
    assert [(JOBS, JOBS)] == await crm.database.fetch(sql)
    for lane in range(LANES):
        lines = numbers(tmp_path / f"lane-{lane}")
        # A job that was begun again stands twice, beside itself.
        assert (list(range(lane, JOBS, LANES)), sorted(lines)) == (list(dict.fromkeys(lines)), lines)
    assert 0 == await crm.database.fetch_value("select count(*) from crm_job where state = 6")
