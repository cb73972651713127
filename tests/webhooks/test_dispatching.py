"""From the feed to deliveries: every event once for each endpoint, whoever puts it and whatever dies in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from crmcore import Crm, clock, ids
from crmcore.entities import actions
from crmcore.errors import Unavailable
from crmcore.events.cursor import Cursor
from crmcore.events.retention import remove_old
from crmcore.webhooks import deliveries, dispatcher
from crmcore.webhooks.dispatcher import Dispatcher
from crmcore.webhooks.filters import Asked
from tests.webhooks.conftest import LOCAL, Hooks


async def test_a_cursor_moves_with_its_deliveries_or_not_at_all(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails between the cursor and the deliveries undoes both; the next round puts what this one did not."""
    await hooks.endpoint("customer.created")
    await hooks.customer("Ada")

    async def die(*_: Any) -> None:
        raise SystemError

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "put", die)
        with pytest.raises(SystemError):
            await hooks.put()
    assert (1, 0) == (await hooks.put(), await hooks.put())
    assert 1 == len(await hooks.deliver())


async def test_many_dispatchers_put_each_event_once(hooks: Hooks) -> None:
    """Several at once, as in several processes, put one delivery for each event and endpoint."""
    for _ in range(2):
        await hooks.endpoint("customer.created")
    for number in range(5):
        await hooks.customer(f"Customer {number}")
    rounds = await asyncio.gather(*(Dispatcher(hooks.crm).round() for _ in range(4)))
    assert (10, 10) == (sum(done.put for done in rounds), len(await hooks.deliveries()))


async def test_a_page_ends_between_events(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many events there are and however they fall onto pages, each is put, in its order."""
    monkeypatch.setattr(dispatcher, "_PAGE", 2)
    await hooks.endpoint("customer.created")
    names = [f"Customer {number}" for number in range(5)]
    for name in names:
        await hooks.customer(name)
    assert names == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]


async def test_what_nobody_asked_for_is_passed_over(hooks: Hooks) -> None:
    """Events of other types leave no delivery, and are not read a second time."""
    id, _ = await hooks.endpoint("deal.created")
    await hooks.customer("Ada")
    assert 0 == await hooks.put()
    cursor = await hooks.crm.database.fetch_value("select cursor from crm_webhook_cursor where id = $1", id)
    assert [] == (await hooks.crm.feed.read(Cursor.parse(cursor))).events


async def test_an_endpoint_is_told_of_what_happens_from_now_on(hooks: Hooks) -> None:
    """What was before it was made is not told."""
    await hooks.customer("Before")
    await hooks.endpoint("customer.created")
    await hooks.customer("After")
    assert ["After"] == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]


async def test_a_filter_that_may_not_be_asked_any_more_switches_the_endpoint_off(hooks: Hooks) -> None:
    """A new rule that hides the field of a filter ends it with the reason, and holds up nobody else."""
    role = await hooks.role("partner", {"customer:read": "ALL"})
    id, _ = await hooks.endpoint(
        "customer.*", roleId=ids.encode("role", role), filter={"customer": {"displayName": {"eq": "Ada"}}}
    )
    await hooks.endpoint("customer.*")
    values = {"role_id": role, "entity": "customer", "field": "displayName", "effect": "MASKED"}
    await hooks.do(actions.create, "field_rule", values)
    await hooks.customer("Ada")
    assert 1 == await hooks.put()
    row = await hooks.seen(id)
    assert "You may not see Customer.displayName" in row["disabled_reason"]


async def test_a_database_that_is_away_switches_nothing_off(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the database cannot be asked says nothing about an endpoint's filter: the round ends, and another comes."""
    id, _ = await hooks.endpoint("customer.created", filter={"customer": {"displayName": {"eq": "Ada"}}})
    await hooks.customer("Ada")

    async def away(*_: Any) -> None:
        raise Unavailable("The database cannot answer now.")

    with monkeypatch.context() as patched:
        patched.setattr(Asked, "rows", away)
        with pytest.raises(Unavailable):
            await hooks.put()
    assert (1, True) == (await hooks.put(), bool((await hooks.seen(id))["enabled"]))


@pytest.mark.crm_settings(feed={"keep_days": 1}, plugins={"webhooks": LOCAL})
async def test_the_feed_keeps_what_is_still_to_be_told(hooks: Hooks) -> None:
    """Old events are not swept away before they are put, nor before they are sent; those that were told go."""
    await hooks.endpoint("customer.created")
    for name in ("Sent", "Put", "Not even put"):
        id = (await hooks.customer(name))["id"]
        if name == "Sent":
            await hooks.deliver()
        elif name == "Put":
            await hooks.put()
    later = clock.now() + timedelta(days=2)
    with clock.at(lambda: later):
        await remove_old(hooks.crm)
        assert 2 == len((await hooks.crm.feed.read(None, types=["customer.created"])).events)
        assert ["Put", "Not even put"] == [body["data"]["record"]["displayName"] for body in await hooks.deliver()]
        await hooks.put()
        await remove_old(hooks.crm)
        assert [] == (await hooks.crm.feed.read(None, types=["customer.created"], record_id=id)).events


async def test_background_work_tells_of_what_is_committed(crm: Crm, hooks: Hooks) -> None:
    """Where background work runs, a commit is told within a moment, without anybody asking."""
    await hooks.endpoint("customer.created")
    async with crm.background:
        await hooks.customer("Ada")
        for _ in range(500):
            if hooks.receiver.messages:
                break
            await asyncio.sleep(0.01)
    assert 1 == len(hooks.receiver.messages)
