"""What the tests of killed workers run: `python -m tests.jobs.processes URL FOLDER`, a worker whose jobs write lines."""

# ruff: noqa: T201 - printing is how it talks to the test

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmcore import Crm, Job, Run, Settings, Work, actions, hookimpl, job
from crmcore.settings.structs import Jobs

plugin_name = "mill"


@job(retries=20)
async def grind(run: Run, folder: str, n: int) -> None:
    """Write a line outside of the database."""
    _write(Path(folder, str(os.getpid())), n)
    await asyncio.sleep(0.001)


@job(retries=20)
async def bake(run: Run, n: int) -> None:
    """Make a customer, exactly once."""

    async def unit(work: Work) -> None:
        await actions.create(work, "customer", {"kind": "PERSON", "display_name": f"baked {n}"})

    await run.finish(unit)


@job(retries=20, ordered=True, per="lane")
async def queue(run: Run, folder: str, lane: int, n: int) -> None:
    """Write a line, one after the other in a lane."""
    _write(Path(folder, f"lane-{lane}"), n)
    await asyncio.sleep(0.001)


def _write(path: Path, n: int) -> None:
    with path.open("a") as file:
        file.write(f"{n}\n")


@hookimpl
def crm_jobs() -> Iterable[Job[Any]]:
    """Give the jobs."""
    return [grind, bake, queue]


async def main(url: str) -> None:
    """Work until killed."""
    settings = Settings(database=url, jobs=Jobs(lease=0.6, concurrency=8))
    async with Crm(settings, plugins=[sys.modules[__name__]], installed=False) as crm, crm.background:
        print("begun", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
