"""The table of what is held back, and jobs that come back when it is not any more: statements on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crmcore import Crm
from crmcore.jobs import aside, holds
from crmcore.jobs.holds import Hold, Why
from crmcore.jobs.states import State
from tests.jobs.operations import weeds

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
FAILING = Hold("weeds.pull", Why.FAILING, NOW, NOW + timedelta(seconds=30), 0, "OSError: no route")
PAUSED = Hold("weeds.pull", Why.PAUSED, NOW, None, 0, "ada")


async def test_a_name_is_held_once_for_each_reason(crm: Crm) -> None:
    """And one process gets the right to try, however many ask with what they read."""
    database = crm.database
    assert [True, False, True] == [await holds.hold(database, one) for one in (FAILING, FAILING, PAUSED)]
    assert [FAILING, PAUSED] == await holds.holds(database)
    later = NOW + timedelta(seconds=90)
    assert [True, False] == [await holds.extend(database, FAILING, later) for _ in range(2)]
    assert replace(FAILING, until=later, trials=1) == (await holds.holds(database))[0]
    assert [True, False] == [await holds.close(database, FAILING.name, Why.FAILING) for _ in range(2)]
    assert [PAUSED] == await holds.holds(database)


async def test_jobs_come_back_in_the_order_they_were_put(crm: Crm) -> None:
    """As many as are wanted, of the names that are wanted."""
    for row in range(3):
        await crm.put(weeds.pull(row=row))
    await crm.put(weeds.water(text="roses"))
    await crm.database.execute("update crm_job set state = $1", State.ASIDE.value)
    assert frozenset({"weeds.pull", "weeds.water"}) == await aside.names_aside(crm.database)
    assert 2 == await aside.bring_back(crm.database, ["weeds.pull"], 2)
    ready = "select arguments from crm_job where state = 1 order by position"
    assert [("{}",), ('{"row":1}',)] == await crm.database.fetch(ready)
    assert 2 == await aside.bring_back(crm.database, ["weeds.pull", "weeds.water"], 10)
    assert frozenset() == await aside.names_aside(crm.database)
