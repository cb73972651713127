"""What a search costs does not depend on how much there is to be found."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from crmcore import clock
from crmcore.access.actor import Actor
from crmcore.database import ids
from crmcore.database.sqlite.functions import add_functions
from crmcore.entities import many
from tests.search.conftest import Searcher

_QUERY = (
    'query { search(query: "%s", first: 10) { nodes { ... on Customer { id displayName } } pageInfo { hasNextPage } } }'
)


async def _add(searcher: Searcher, names: list[str]) -> None:
    crm, now = searcher.crm, clock.now()
    stamp = Actor.system().stamp
    every = {"version": 1, "created_at": now, "updated_at": now, "created_by": stamp, "updated_by": stamp}
    every |= {"kind": "PERSON", "lifecycle_stage": "LEAD", "lifecycle_entered_at": now, "status": "ACTIVE"}
    rows = [
        {"id": ids.new(), "display_name": name, **every, "do_not_contact": False, "do_not_call": False}
        for name in names
    ]
    async with crm.database.transaction():
        await many.insert_many(crm.database, crm.entities["customer"], rows)


async def _steps(searcher: Searcher, query: str) -> int:
    """Return the steps of its virtual machine that SQLite takes for a search, in hundreds."""
    crm = searcher.crm
    explained: Any = crm.planner.explain(crm.documents.get(_QUERY % query, None), None, Actor.system())
    raw = sqlite3.connect(crm.settings.database.removeprefix("sqlite:///"))
    add_functions(raw)
    count = 0

    def step() -> None:
        nonlocal count
        count += 1

    raw.set_progress_handler(step, 100)
    raw.execute(explained.sql, {str(n): value for n, value in enumerate(explained.parameters, 1)}).fetchall()
    raw.close()
    return count


async def test_a_page_costs_what_it_has_and_not_what_there_is(searcher: Searcher) -> None:
    """Counted in steps of the database: 10 of 200 that begin with the word, and of 2000; 10 of as many that contain it."""
    if searcher.crm.database.dialect != "sqlite":
        pytest.skip("PostgreSQL's index gives all there are; its ways are measured in decision 0011.")
    costs = []
    for more in (200, 1800):
        await _add(searcher, [f"Common {n}" if n % 2 else f"{n} Rare" for n in range(2 * more)])
        costs.append([await _steps(searcher, query) for query in ("common", "rare")])
    for small, large in zip(*costs, strict=True):
        # What grows a little is how FTS5 reads its own tables.
        assert large < small * 2
