"""What metrics and doctor are told of the change feed."""

from __future__ import annotations

from datetime import timedelta

from crmcore import clock
from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.database import Database
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.events.standing import behind, feed_standing


async def create(crm: Crm) -> None:
    """One event."""

    async def unit(work: Work) -> None:
        await actions.create(work, "customer", {"kind": "PERSON", "display_name": "Ada"})

    await crm.run(Actor.system(), unit)


async def test_the_feed_says_how_much_it_keeps(crm: Crm) -> None:
    """About: what undone transactions took is counted too."""
    before = await feed_standing(crm.database)
    for _ in range(3):
        await create(crm)
    after = await feed_standing(crm.database)
    assert 3 <= after.events - before.events <= 6
    assert after.oldest is not None
    assert 0.0 == after.unsettled


async def test_a_reader_is_behind_until_it_has_read(crm: Crm) -> None:
    """By the first event it has not seen."""
    start = await crm.feed.end()
    await create(crm)
    end = await crm.feed.end()
    later = clock.now() + timedelta(seconds=100)
    with clock.at(lambda: later):
        assert 0.0 == await behind(crm.feed, end)
        assert 100 <= await behind(crm.feed, start) < 200


async def test_a_transaction_that_does_not_end_holds_all_readers_back(crm: Crm) -> None:
    """PostgreSQL: what is committed after it began is settled when it ends; SQLite has one writer, so nobody waits."""
    if crm.database.dialect == "sqlite":
        await create(crm)
        assert 0.0 == (await feed_standing(crm.database)).unsettled
        return
    other = Database.from_url(crm.database.url)
    await other.open()
    try:
        async with other.transaction():
            await other.fetch("select pg_current_xact_id()")
            await create(crm)
            held = (await feed_standing(crm.database)).unsettled
        assert held > 0.0
        assert 0.0 == (await feed_standing(crm.database)).unsettled
    finally:
        await other.close()
