"""Old events are removed, and nobody who reads is deceived about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crmcore import Actor, Crm, Work, actions, clock
from crmcore.errors import Invalid
from crmcore.events.cursor import Cursor
from crmcore.events.retention import remove_old

SYSTEM = Actor.system()
KEPT = pytest.mark.crm_settings(feed={"keep_days": 10})


async def team(crm: Crm, name: str, at: datetime) -> Cursor:
    """Make a team at an instant; return the end of the feed after it."""
    with clock.at(lambda: at):
        await crm.run(SYSTEM, lambda work: actions.create(work, "team", {"name": name}))
    return await crm.feed.end()


async def sweep(crm: Crm, at: datetime, batch: int = 1000) -> int:
    """Remove what is old at an instant."""
    with clock.at(lambda: at):
        return await remove_old(crm, batch)


def names(page: Any) -> list[str]:
    """The teams that events are about."""
    return [one.values()["name"] for one in page.events if one.entity == "team"]


@KEPT
async def test_what_is_older_goes_and_the_rest_stays(crm: Crm) -> None:
    """In small batches, from the beginning of the feed."""
    day = clock.now() + timedelta(days=100)
    await team(crm, "Old", day)
    await team(crm, "New", day + timedelta(days=15))
    everything = await crm.database.fetch_value("select count(*) from crm_event")

    removed = await sweep(crm, day + timedelta(days=20), batch=7)

    assert everything - 1 == removed
    assert ["New"] == names(await crm.feed.read(None))
    assert 0 == await sweep(crm, day + timedelta(days=20))


@KEPT
async def test_a_cursor_from_before_is_refused(crm: Crm) -> None:
    """Going on silently would be a gap; the refusal says what to do instead."""
    start = await crm.feed.end()
    day = clock.now() + timedelta(days=100)
    first = await team(crm, "Old", day)
    await team(crm, "New", day + timedelta(days=15))
    await sweep(crm, day + timedelta(days=20))

    with pytest.raises(Invalid, match="not kept any more; read the records anew") as refused:
        await crm.feed.read(start)

    assert "CURSOR_TOO_OLD" == refused.value.violations[0].code
    assert ["New"] == names(await crm.feed.read(first))


async def test_without_a_setting_everything_is_kept(crm: Crm) -> None:
    """For ever is the default."""
    assert 0 == await sweep(crm, clock.now() + timedelta(days=100_000))


@KEPT
async def test_what_an_after_handler_is_still_to_be_told_of_stays(crm: Crm) -> None:
    """A job that waits, for a plugin that is to come back perhaps, keeps its event and those behind it."""
    start, day = await crm.feed.end(), clock.now() + timedelta(days=100)

    async def unit(work: Work) -> None:
        await actions.create(work, "customer", {"kind": "ORGANIZATION", "display_name": "Ada"})

    await team(crm, "Before", day)
    with clock.at(lambda: day):
        await crm.run(SYSTEM, unit)
    await team(crm, "Behind", day)

    await sweep(crm, day + timedelta(days=20))
    kept = await crm.feed.read(None)
    await crm.database.execute("delete from crm_job")
    await sweep(crm, day + timedelta(days=20))

    assert (["customer.created", "team.created"], ["Behind"]) == ([one.type for one in kept.events], names(kept))
    assert [] == (await crm.feed.read(None)).events
    assert start < kept.events[0].cursor


@KEPT
async def test_what_a_reader_of_the_crm_itself_needs_stays(crm: Crm) -> None:
    """Webhooks say how far they have come."""
    day = clock.now() + timedelta(days=100)
    come = await team(crm, "Delivered", day)
    await team(crm, "To be delivered", day)

    async def hold() -> Cursor | None:
        return come

    async def needs_nothing() -> Cursor | None:
        return None

    crm.feed.holds += [hold, needs_nothing]
    await sweep(crm, day + timedelta(days=20))

    assert ["To be delivered"] == names(await crm.feed.read(come))


@KEPT
async def test_it_is_done_by_a_scheduled_job(crm: Crm) -> None:
    """Nobody need think of it."""
    day = clock.now() + timedelta(days=100)
    await team(crm, "Old", day)
    with clock.at(lambda: day):
        await crm.jobs.run_due()
    kept = names(await crm.feed.read(None))
    with clock.at(lambda: day + timedelta(days=20)):
        await crm.jobs.run_due()

    assert (["Old"], []) == (kept, names(await crm.feed.read(None)))
