"""The change feed keeps what columns are sealed as they are sealed, and tells of it as if they were not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crmcore import Database, Work
from crmcore.access.actor import Actor
from crmcore.customers.events import CustomerCreated, CustomerUpdated, LifecycleChanged
from crmcore.entities import actions
from crmcore.entities.sealing import MARK, Cell, is_sealed
from crmcore.events.rewriting import Past, redact, rewrite
from crmcore.events.sealed import closed
from crmcore.testing import TestCrm
from tests.plugins.with_sealing import Toy, ToySeal

SYSTEM = Actor.system()
TOY = Toy("customer.display_name", "customer.family_name", "customer.birth_date", "customer.lifecycle_note")


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin that seals."""
    return [TOY]


async def _texts(crm: TestCrm) -> str:
    rows = await crm.database.fetch("select row, was, details from crm_event")
    return " ".join(str(part) for row in rows for part in row if part)


async def _changed(crm: TestCrm) -> Any:
    """Make a customer and rename her; return her row."""
    ada = await crm.make("customer", kind="PERSON", display_name="Ada Canary", birth_date=date(1815, 12, 10))
    new = {"display_name": "Ada Nightingale", "lifecycle_stage": "CUSTOMER", "lifecycle_note": "Wren said so"}
    await crm.run(SYSTEM, lambda work: actions.update(work, "customer", ada["id"], new))
    return ada


async def _ask(crm: TestCrm, text: str, **variables: Any) -> dict[str, Any]:
    answer = await crm.execute(text, variables)
    assert "errors" not in answer
    return dict(answer["data"])


async def test_the_feed_holds_no_plain_value(crm: TestCrm) -> None:
    """Neither rows, nor what they were, nor an event's own field that is named after a sealed column."""
    await _changed(crm)

    texts = await _texts(crm)

    assert [] == [word for word in ("Canary", "Nightingale", "1815-12-10", "Wren") if word in texts]
    assert MARK in texts


async def test_of_what_was_only_what_changed_is_sealed(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed keeps nothing else of it; and where one row is what was and what came of it, it is kept whole."""
    ada = await _changed(crm)
    sealed: list[str] = []
    seal = ToySeal.seal

    async def counted(own: ToySeal, database: Database, cells: Sequence[Cell]) -> list[str]:
        sealed.extend(cell.column for cell in cells)
        return await seal(own, database, cells)

    monkeypatch.setattr(ToySeal, "seal", counted)

    async def renamed(work: Work) -> None:
        for name in ("Ada Lovelace", "Ada Byron"):
            await actions.update(work, "customer", ada["id"], {"display_name": name})

    await crm.run(SYSTEM, renamed)

    # Of the name what was written, and what the feed says that it was and is; of the rest what the feed says that it is.
    assert {"display_name": 2 + 2 + 2, "birth_date": 2, "lifecycle_note": 2} == Counter(sealed)
    events = (await crm.happened(CustomerUpdated))[-2:]
    told = [(event.before["display_name"], event.after["display_name"]) for event in events]
    assert [("Ada Nightingale", "Ada Lovelace"), ("Ada Lovelace", "Ada Byron")] == told
    assert "Byron" not in await _texts(crm)


@pytest.mark.parametrize("order", [1, -1])
async def test_a_row_that_is_also_what_came_of_a_change_is_kept_whole(crm: TestCrm, order: int) -> None:
    """Whichever of the two events is told first."""
    await _changed(crm)
    (changed,) = await crm.happened(CustomerUpdated)
    again = replace(changed, before=changed.after, after={**changed.after, "display_name": "Ada Byron"})

    async def told(work: Work) -> Any:
        return (await closed(work, [changed, again][::order])).rows

    row = (await crm.run(SYSTEM, told))[id(changed.after)]
    assert changed.after.keys() == row.keys()
    assert all(is_sealed(row[column]) for column in ("display_name", "birth_date", "lifecycle_note"))


async def test_handlers_are_told_of_plain_values(crm: TestCrm) -> None:
    """An event that was read back has what the one in the transaction had."""
    await _changed(crm)

    (made,), (changed,) = await crm.happened(CustomerCreated), await crm.happened(CustomerUpdated)
    (moved,) = await crm.happened(LifecycleChanged)

    assert ("Ada Canary", "1815-12-10") == (made.after["display_name"], made.after["birth_date"].isoformat())
    assert ("Ada Canary", "Ada Nightingale") == (changed.before["display_name"], changed.after["display_name"])
    assert "display_name" in changed.changed
    assert "Wren said so" == moved.note


async def test_a_reader_may_take_values_as_they_are_stored(crm: TestCrm) -> None:
    """Who only needs to know that something happened causes no value to be opened."""
    await _changed(crm)
    before = len(TOY.seals["customer"].opened)

    page = await crm.feed.read(None, as_stored=True)

    assert before == len(TOY.seals["customer"].opened)
    assert all("Canary" not in (event.row or "") for event in page.events)


async def test_changes_show_plain_values_and_say_who_read(crm: TestCrm) -> None:
    """A client that may read the record reads its past, and each opening is for somebody."""
    ada = await _changed(crm)
    asked = "query ($id: ID!) { history(id: $id) { nodes { type fields { name before after } } } }"
    TOY.seals["customer"].opened.clear()

    answer = await _ask(crm, asked, id=f"customer_{ada['id']}")

    updated = next(node for node in answer["history"]["nodes"] if node["type"] == "CUSTOMER_UPDATED")
    assert {"name": "displayName", "before": "Ada Canary", "after": "Ada Nightingale"} in updated["fields"]
    assert all(reading is not None for _, reading in TOY.seals["customer"].opened)


async def test_what_is_erased_is_shown_as_such(crm: TestCrm) -> None:
    """Without the key the past has nothing to say, and says that; a date is empty."""
    ada = await _changed(crm)
    TOY.destroyed.add(ada["id"])
    try:
        (made,) = await crm.happened(CustomerCreated)
    finally:
        TOY.destroyed.clear()

    assert ("«erased»", None) == (made.after["display_name"], made.after["birth_date"])


async def test_the_past_can_be_forgotten(crm: TestCrm) -> None:
    """What is redacted is in no event of these records any more, and in all events of others."""
    ada, bob = await _changed(crm), await crm.make("customer", kind="PERSON", display_name="Bob Canary")

    told = await redact(crm.database, crm.entities["customer"], [ada["id"]], ["display_name", "lifecycle_note"])

    events = await crm.happened(CustomerCreated)
    assert 3 == told
    assert {ada["id"]: None, bob["id"]: "Bob Canary"} == {e.record_id: e.after["display_name"] for e in events}
    assert 1815 == events[0].after["birth_date"].year


async def test_the_past_can_be_sealed_in_steps(crm: TestCrm) -> None:
    """Each call changes so many events and says where to go on; null at the end."""
    await _changed(crm)
    seen: list[tuple[str, Any]] = []

    async def note(told: Sequence[Past]) -> Sequence[Any]:
        seen.extend((past.column, past.row["id"] == past.record_id) for past in told)
        return [f"{MARK}again" if past.column == "family_name" else past.value for past in told]

    steps, after = 0, None
    while True:
        after = await rewrite(crm.database, crm.entities["customer"], _COLUMNS, note, after=after, limit=1)
        steps += 1
        if after is None:
            break

    assert steps >= 3
    assert {"display_name", "birth_date"} == {column for column, _ in seen}
    assert all(there for _, there in seen)


_COLUMNS: Collection[str] = ("display_name", "birth_date", "family_name")


async def test_the_index_of_search_does_not_know_sealed_columns(crm: TestCrm) -> None:
    """A sealed name is not found by its parts; what is not sealed is."""
    await crm.make("customer", kind="PERSON", display_name="Ada Canary", given_name="Countess")

    entries = await crm.database.fetch("select terms from crm_search_entry")
    found = await _ask(
        crm,
        'query { a: search(query: "Canary") { nodes { __typename } } b: search(query: "Countess") { nodes { __typename } } }',
    )

    assert "canary" not in str(entries).lower()
    assert ([], 1) == (found["a"]["nodes"], len(found["b"]["nodes"]))
