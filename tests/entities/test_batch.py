"""Many calls in one unit of work."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from crmcore.database import Contention, Database
from crmcore.entities import actions
from crmcore.entities.batch import LARGEST, Mode, batch
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Duplicate, Invalid
from tests.entities.conftest import Open


def calls(work: Work, *codes: str) -> list[Any]:
    return [partial(actions.create, work, "gadget", {"name": "g", "code": code}) for code in codes]


async def test_partial_keeps_what_succeeded(open_work: Open, database: Database) -> None:
    """A refused record answers with its refusal, the others are written."""
    async with open_work() as work:
        outcomes = await batch(work, calls(work, "a", "a", "b"), Mode.PARTIAL)

    assert [type(None), Duplicate, type(None)] == [type(o.refusal) for o in outcomes]
    assert ["a", "b"] == [r[0] for r in await database.fetch("select code from gadget order by code")]


async def test_atomic_undoes_everything_and_names_the_record(open_work: Open, database: Database) -> None:
    """One refusal, no record, and the index in path and message."""
    with pytest.raises(Invalid, match="Record 1: ") as caught:
        async with open_work() as work:
            good, bad = calls(work, "a"), [partial(actions.create, work, "gadget", {"name": "forbidden"})]
            await batch(work, [*good, *bad], Mode.ATOMIC)

    assert ["1.name"] == [v.path for v in caught.value.violations]
    assert 0 == await database.fetch_value("select count(*) from gadget")


async def test_a_passing_reason_ends_the_whole_batch(open_work: Open, database: Database) -> None:
    """What may succeed in a moment is no record's outcome, in either mode; the batch is made again."""

    async def busy() -> Row:
        msg = "Not now."
        raise Contention(msg)

    with pytest.raises(Contention):
        async with open_work() as work:
            await batch(work, [*calls(work, "a"), busy], Mode.PARTIAL)

    assert 0 == await database.fetch_value("select count(*) from gadget")


async def test_a_batch_has_a_largest_size(open_work: Open) -> None:
    """More is refused before anything is written."""
    async with open_work() as work:
        with pytest.raises(Invalid, match=f"at most {LARGEST}"):
            await batch(work, calls(work, *(str(n) for n in range(LARGEST + 1))), Mode.ATOMIC)
