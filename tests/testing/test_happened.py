"""What happened since a test began."""

from __future__ import annotations

import pytest

from crmcore import Created, Event
from crmcore.customers.events import CustomerCreated
from crmcore.entities import actions
from crmcore.settings import Settings
from crmcore.testing import TestCrm
from tests.testing.lessons import LessonCreated


async def test_nothing_has_happened_at_the_beginning(crm: TestCrm) -> None:
    """What a fresh CRM wrote of itself (its roles, for example) is none of the test's."""
    assert [] == await crm.happened()


async def test_events_come_in_the_order_of_the_feed(crm: TestCrm) -> None:
    """With what handlers caused; of one class, with its subclasses, or by their key."""
    lesson = await crm.make("lesson")
    created = await crm.happened(Created)

    assert ["customer", "customer", "lesson"] == [event.entity for event in created]
    assert [lesson["id"]] == [event.record_id for event in await crm.happened(LessonCreated)]
    assert created[:2] == await crm.happened("customer.created") == await crm.happened(CustomerCreated)
    assert created == [event for event in await crm.happened() if isinstance(event, Created)]


async def test_what_was_undone_has_not_happened(crm: TestCrm) -> None:
    """Events of a transaction that was rolled back are none."""

    async def unit(work: object) -> None:
        await actions.create(work, "customer", {"kind": "PERSON", "given_name": "Ada"})  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        await crm.run(await crm.actor(None), unit)

    assert [] == await crm.happened()


async def test_events_are_typed_by_what_was_asked_for(crm: TestCrm) -> None:
    """`happened(LessonCreated)` gives the class's own fields."""
    await crm.make("lesson", place="Oslo")
    (event,) = await crm.happened(LessonCreated)
    every: list[Event] = await crm.happened()

    assert "Oslo" == event.after["place"]
    assert event in every


async def test_a_crm_that_is_like_another_begins_when_it_starts(crm: TestCrm, crm_model: TestCrm) -> None:
    """Even on a database where things had happened."""
    await crm.make("customer")
    async with crm_model.like(Settings(database=crm.settings.database)) as other:
        assert [] == await other.happened()
        await other.make("customer")

        assert (1, 2) == (len(await other.happened(Created)), len(await crm.happened(Created)))


async def test_an_unknown_type_is_named_with_what_is_like_it(crm: TestCrm) -> None:
    """A misspelt key is no empty list."""
    with pytest.raises(LookupError, match=r"no event type 'lesson.create'; there are for example lesson.created"):
        await crm.happened("lesson.create")
