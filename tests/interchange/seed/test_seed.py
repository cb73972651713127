"""Seeding is repeatable, adds to what is there, and looks like life."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from crmcore.app import Crm
from crmcore.errors import Conflict, Invalid
from crmcore.interchange import seed
from tests.interchange.conftest import Count


async def _everything(crm: Crm) -> dict[str, Any]:
    """All seeded rows; roles and what else a start makes are not the seed's."""
    ours = "created_by like '%\"seed\"%'" if crm.database.dialect == "sqlite" else "created_by->>'label' = 'seed'"
    return {
        name: await crm.database.fetch(f"select * from {kind.tablename} where {ours} order by id")
        for name, kind in crm.entities.items()
        if name != "role_assignment"  # refers to roles, whose ids are each CRM's own
    }


@pytest.fixture
async def reseeded(crm: Crm) -> dict[str, Any]:
    """What a seed makes, taken away again."""
    await seed(crm, "b2b", seed=3, size=60)
    found = await _everything(crm)
    for kind in reversed(list(crm.entities.values())):
        if kind.name in found:
            ours = (
                "created_by like '%\"seed\"%'" if crm.database.dialect == "sqlite" else "created_by->>'label' = 'seed'"
            )
            await crm.database.execute(f"delete from {kind.tablename} where {ours}")
    return found


async def test_the_same_seed_makes_the_same_rows(crm: Crm, reseeded: dict[str, Any]) -> None:
    """Ids, names, amounts and instants: everything is equal."""
    assert 60 == len(reseeded["customer"])
    await seed(crm, "b2b", seed=3, size=60)
    assert reseeded == await _everything(crm)


async def test_another_seed_makes_other_people(crm: Crm, count: Count) -> None:
    """It adds to what is there and uses the pipeline and the teams that are there already."""
    await seed(crm, "b2b", seed=1, size=60)
    stages, teams = await count("stage"), await count("crm_team")
    await seed(crm, "b2b", seed=2, size=60)
    assert (120, stages, teams) == (await count("customer"), await count("stage"), await count("crm_team"))


async def test_the_same_seed_twice_is_refused(crm: Crm, count: Count) -> None:
    """Nothing is doubled, and nothing half done."""
    await seed(crm, "retail", size=20)
    before = await count("interaction")
    with pytest.raises(Conflict, match="already"):
        await seed(crm, "retail", size=20)
    assert (20, before) == (await count("customer"), await count("interaction"))


async def test_progress_ends_with_all_customers(crm: Crm) -> None:
    """It is told in customers made and asked for."""
    told: list[tuple[int, int]] = []
    rows = await seed(crm, size=30, progress=lambda done, total: told.append((done, total)))
    assert (30, 30) == told[-1]
    assert rows > 200


@pytest.mark.parametrize(("scenario", "size"), [("b2c", 10), ("b2b", 0)])
async def test_what_cannot_be_seeded_is_refused(crm: Crm, scenario: str, size: int) -> None:
    """An unknown scenario, or nobody at all."""
    with pytest.raises(Invalid):
        await seed(crm, scenario, size=size)


async def test_the_story_ends_when_it_is_told_to(crm: Crm) -> None:
    """Two years up to the day asked for."""
    await seed(crm, size=30, until=date(2020, 3, 1))
    first, last = (await crm.database.fetch("select min(created_at), max(created_at) from interaction"))[0]
    assert "2018-03" <= str(first)[:7] <= str(last)[:7] <= "2020-02"


async def test_the_week_and_the_year_can_be_seen(crm: Crm) -> None:
    """Offices rest at the weekend, and August is quieter than September; shops are fullest on Saturday."""
    await seed(crm, "b2b", size=400)
    instants = [
        str(row[0])
        for row in await crm.database.fetch("select occurred_at from interaction where occurred_at is not null")
    ]
    days = Counter(date.fromisoformat(text[:10]).weekday() for text in instants)
    assert days[5] + days[6] < 0.1 * days[1]
    months = Counter(text[5:7] for text in instants)
    assert months["08"] < 0.8 * months["09"]


async def test_people_come_from_everywhere(crm: Crm) -> None:
    """Names in Han, kana, Hangul, Arabic, Devanagari and Latin, in their own order."""
    await seed(crm, "retail", size=300)
    names = "".join(
        row[0] for row in await crm.database.fetch("select display_name from customer where kind = 'PERSON'")
    )
    for first, last in ("一鿿", "가힣", "ءي", "अह", "az"):
        assert any(first <= ch <= last for ch in names)
