"""Units that lock first, refusals that are kept, and races that are no mistakes."""

from __future__ import annotations

import asyncio

import pytest

from crmcore import Actor, Work, errors, ids
from crmcore.testing import TestCrm

_SYSTEM = Actor.system("tests")


async def _note(work: Work, name: str) -> None:
    await work.insert("tag", {"name": name, "folded": name})


async def test_a_refusal_that_is_kept_is_written_when_all_else_is_undone(crm: TestCrm) -> None:
    """In a transaction of its own, and then it is raised."""

    async def keep(work: Work) -> bool:
        await _note(work, "kept")
        return True

    async def unit(work: Work) -> None:
        await _note(work, "undone")
        msg = "Not now."
        raise errors.Declined(msg, keep=keep)

    with pytest.raises(errors.Declined, match="Not now"):
        await crm.run(_SYSTEM, unit)

    assert ["kept"] == [row["name"] for row in await crm.run(_SYSTEM, lambda work: work.find("tag"))]


async def test_where_another_outcome_was_kept_the_unit_runs_once_more(crm: TestCrm) -> None:
    """And finds it."""
    runs = []

    async def keep(work: Work) -> bool:
        return False

    async def unit(work: Work) -> str:
        runs.append(work.now)
        if len(runs) == 1:
            msg = "Not now."
            raise errors.Declined(msg, keep=keep)
        return "the other outcome"

    assert ("the other outcome", 2) == (await crm.run(_SYSTEM, unit), len(runs))


async def test_who_locks_first_waits_instead_of_failing(crm: TestCrm) -> None:
    """Under "read committed" each unit runs once, and sees what the one before it left."""
    tag = await crm.make("tag", name="0")
    runs = []

    async def raised(work: Work) -> None:
        runs.append(1)
        await work.get("tag", tag["id"], action="update")
        await asyncio.sleep(0.01)
        (row,) = await work.find("tag", id=tag["id"])
        await work.change("tag", tag["id"], {"name": str(int(row["name"]) + 1)})

    await asyncio.gather(*(crm.run(_SYSTEM, raised, isolation="read committed") for _ in range(4)))
    (row,) = await crm.run(_SYSTEM, lambda work: work.find("tag", id=tag["id"]))

    assert ("4", 4) == (row["name"], len(runs))


async def test_a_race_that_was_announced_is_run_again(crm: TestCrm) -> None:
    """A key that is taken in such a table is no failure: the second run finds the row."""
    id, runs = ids.new(), []

    async def unit(work: Work) -> int:
        runs.append(1)
        work.races.add("tag")
        if len(runs) == 1:
            await work.insert("tag", {"id": id, "name": "first", "folded": "first"})
            await work.insert("tag", {"id": id, "name": "second", "folded": "second"})
        return len(await work.find("tag"))

    assert (0, 2) == (await crm.run(_SYSTEM, unit), len(runs))
