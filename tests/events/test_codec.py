"""Events on their way into the feed and back: nothing of them is lost."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from crmcore import Actor, Crm, Money, Row, Work, actions, ids
from crmcore.customers.events import (
    CustomerCreated,
    CustomerDeleted,
    CustomerDestroyed,
    CustomerRestored,
    CustomerUpdated,
)
from crmcore.database import instants
from crmcore.events import Event, codec
from tests.plugins.with_events import GiftsGiven

SYSTEM = Actor.system()
FULL = {
    "display_name": 'Ünïcøde "株式会社" \\ \n𝄞',
    "legal_name": "0",
    "annual_revenue": 2**63 - 1,
    "annual_revenue_currency": "EUR",
    "do_not_call": True,
    "last_interaction_at": datetime(999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
}


async def told(crm: Crm, unit: Any) -> tuple[list[Event], list[Event]]:
    """Do a unit of work; return its events as they were emitted and as the feed has them."""
    emitted: list[Event] = []

    async def noted(work: Work) -> None:
        await unit(work)
        emitted[:] = work.events

    start = await crm.feed.end()
    await crm.run(SYSTEM, noted, request_id="r1", idempotency_key="k1")
    return emitted, [one.event() for one in (await crm.feed.read(start)).events]


async def customer(work: Work, **more: Any) -> Row:
    """Make a customer."""
    return await actions.create(work, "customer", {"kind": "ORGANIZATION", "display_name": "Ada", **more})


async def test_every_verb_comes_back_as_it_was_emitted(crm: Crm) -> None:
    """Class, head, rows before and after and what changed are equal, value by value and type by type."""
    row = await crm.run(SYSTEM, lambda work: customer(work, kind="PERSON", birth_date=date(1, 1, 1)))

    async def unit(work: Work) -> None:
        made = await customer(work, **FULL)
        assert "株式会社" in made["display_name"]
        await actions.update(work, "customer", row["id"], {"display_name": "Eve", "birth_date": date(2000, 2, 29)})
        await actions.delete(work, "customer", row["id"])
        await actions.restore(work, "customer", row["id"])
        await actions.destroy(work, "customer", row["id"])

    emitted, found = await told(crm, unit)

    kinds = [CustomerCreated, CustomerUpdated, CustomerDeleted, CustomerRestored, CustomerDestroyed]
    assert kinds == [type(event) for event in found]
    assert emitted == found
    assert frozenset({"display_name", "birth_date"}) == found[1].changed  # type: ignore[attr-defined]


async def test_a_json_value_comes_back_as_the_value_it_was(crm: Crm) -> None:
    """A JSON column may hold a text, even one that looks like JSON, and numbers of any size."""
    for value in ("plain", '{"a": 1}', "null", 12345678901234567890123, 1.5, True, [None, {"ä": []}]):

        async def unit(work: Work, value: Any = value) -> None:
            row = {"id": ids.new(), "custom_fields": value}
            await work.emit(work.event(CustomerDestroyed, crm.entities["customer"], row["id"], before=row))

        _, (found,) = await told(crm, unit)

        assert value == found.before["custom_fields"]  # type: ignore[attr-defined]


async def test_an_event_of_a_plugin_has_its_own_fields(crm: Crm) -> None:
    """They are read by their annotations; `before` and `after` are rows of the entity."""
    row = await crm.run(SYSTEM, customer)
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)

    async def unit(work: Work) -> None:
        given = {"giver_id": row["id"], "on": date(2026, 1, 31), "at_noon": noon, "worth": Money(1999, "EUR")}
        about = {"wrapping": {"paper": ["red", None]}, "after": row}
        await work.emit(work.event(GiftsGiven, crm.entities["customer"], row["id"], **given, **about))

    emitted, found = await told(crm, unit)

    assert emitted == found
    assert (row["id"], row["created_at"]) == (found[0].after["id"], found[0].after["created_at"])  # type: ignore[attr-defined]


async def test_an_event_whose_plugin_is_gone_says_so(crm: Crm) -> None:
    """Its texts can still be read; as an object it cannot be had."""
    await crm.run(SYSTEM, customer)
    recorded = (await crm.feed.read(None, types=["customer.created"])).events[0]
    await crm.database.execute("update crm_event set type = 'ghost.seen' where id = $1", recorded.id)
    found = await crm.feed.event(recorded.id)

    assert found is not None
    assert '"display_name":"Ada"' in (found.row or "")
    assert {} == await crm.feed.events([recorded.id])
    with pytest.raises(LookupError, match=r"is a ghost\.seen, which no loaded plugin declares; install the plugin"):
        found.event()


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2026, 1, 31, 9, 30, 0, 120, tzinfo=UTC), "2026-01-31T09:30:00.000120Z"),
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31T09:30:00.000000Z"),
        (datetime(2026, 1, 31, 9, 30, 0, 120, tzinfo=timezone(timedelta(hours=8))), "2026-01-31T01:30:00.000120Z"),
        (datetime(2026, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=-9.5))), "2026-01-31T19:00:00.000000Z"),
        (datetime(3, 1, 1, 0, 0, 0, 1, tzinfo=UTC), "0003-01-01T00:00:00.000001Z"),
    ],
)
async def test_instants_of_a_row_are_written_as_everywhere(crm: Crm, at: datetime, written: str) -> None:
    """In UTC, with six digits behind the second, whatever they were given as."""
    start = await crm.feed.end()
    row = await crm.run(SYSTEM, lambda work: customer(work, last_interaction_at=at))
    text = codec.row_text(row, crm.entities["customer"])
    assert written == json.loads(text)["last_interaction_at"] == instants.wire(at)
    (one,) = (await crm.feed.read(start)).events
    assert at == one.event().after["last_interaction_at"]  # type: ignore[attr-defined]
