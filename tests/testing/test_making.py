"""Making records: what they need and was not given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmcore import Money, errors
from crmcore.testing import TestCrm
from crmcore.testing.factories import factories_of
from tests.testing.lessons import Mood


async def test_every_entity_can_be_made_twice(crm: TestCrm) -> None:
    """Whatever an entity requires, built in or a plugin's, is filled in; unique keys do not collide."""
    for entity in crm.entities:
        first, second = await crm.make(entity), await crm.make(entity)

        assert first["id"] != second["id"]


async def test_what_is_required_follows_from_the_declaration(crm: TestCrm) -> None:
    """Each column gets a value of its kind, form and bounds; what may be empty is left so."""
    crm.clock.set(datetime(2026, 1, 5, 9, tzinfo=UTC))
    lesson = await crm.make("lesson")

    assert {
        "place": "Place 3",
        "code": "e 4",
        "email": "person5@example.com",
        "website": "https://example.com/6",
        "country": "AT",
        "zone": "UTC",
        "mood": "CALM",
        "guests": 1,
        "length": 11.5,
        "at": datetime(2026, 1, 5, 9, tzinfo=UTC),
        "day": datetime(2026, 1, 5, tzinfo=UTC).date(),
        "plan": {},
        "price": 15,
        "price_currency": "EUR",
        "owner_id": None,
        "about_type": "customer",
    } == {c: v for c, v in lesson.items() if c not in crm.entities["tag"].columns and c not in _LINKS}


_LINKS = ("customer_id", "about_id", "team_id")


async def test_what_is_given_stays(crm: TestCrm) -> None:
    """Members of an enum and amounts of money are taken as Python has them."""
    lesson = await crm.make("lesson", place="Oslo", mood=Mood.LOUD, price=Money(1200, "NOK"))

    assert ("Oslo", "LOUD", 1200, "NOK") == tuple(lesson[c] for c in ("place", "mood", "price", "price_currency"))


async def test_a_link_takes_a_row_an_id_or_a_text(crm: TestCrm) -> None:
    """By its column or without the `_id`, to any entity too."""
    ada, deal = await crm.make("customer"), await crm.make("deal")
    lessons = [
        await crm.make("lesson", customer=ada, about=deal),
        await crm.make("lesson", customer_id=ada["id"], about_id=deal.shown_id),
        await crm.make("lesson", customer_id=ada.shown_id, about_id=deal["id"], about_type="deal"),
    ]

    assert {(ada["id"], "deal", deal["id"])} == {(v["customer_id"], v["about_type"], v["about_id"]) for v in lessons}


async def test_what_it_must_belong_to_is_made_too(crm: TestCrm) -> None:
    """A note needs a lesson, which needs a customer."""
    note = await crm.make("lesson_note", text="bring cake")
    query = "query ($id: ID!) { lessonNote(id: $id) { text lesson { place customer { displayName } } } }"
    answer = await crm.execute(query, {"id": note.shown_id})

    assert {"text": "bring cake", "lesson": {"place": "the garden", "customer": {"displayName": "Person No. 1"}}} == (
        answer["data"]["lessonNote"]
    )


async def test_a_factory_of_the_test_wins_over_that_of_the_suite(crm: TestCrm) -> None:
    """`crm.factories` is the test's own; the fixture `crm_factories` gives what all tests have."""
    usual = await crm.make("lesson_note")

    async def loud(crm: TestCrm, given: object) -> dict[str, object]:
        return {"text": "THINK OF IT"}

    crm.factories["lesson_note"] = loud
    loudly = await crm.make("lesson_note")

    assert ("think of it", "THINK OF IT") == (usual["text"], loudly["text"])


async def test_a_source_tree_brings_its_factories(crm: TestCrm, tmp_path: Path) -> None:
    """`tests/factories.py` has those of a plugin's own tests, for whoever checks the plugin; there may be none."""
    assert {} == factories_of(tmp_path)
    (tmp_path / "tests").mkdir()
    text = "async def note(crm, given):\n    return {'text': 'from the file'}\n\nFACTORIES = {'lesson_note': note}\n"
    (tmp_path / "tests" / "factories.py").write_text(text)
    crm.factories |= factories_of(tmp_path)

    assert "from the file" == (await crm.make("lesson_note"))["text"]


async def test_deals_share_one_pipeline(crm: TestCrm) -> None:
    """The first deal brings a default pipeline, the others go into it."""
    first, second = await crm.make("deal"), await crm.make("deal")

    assert first["pipeline_id"] == second["pipeline_id"]


async def test_somebody_makes_it(crm: TestCrm) -> None:
    """With as_= rights count, and the record is theirs; what it belongs to is the system's."""
    ada = await crm.make("customer", as_="sales", given_name="Ada")
    seller = await crm.actor("sales")

    assert seller.user_id == ada["owner_id"]
    with pytest.raises(errors.Forbidden):
        await crm.make("customer", as_="viewer")


async def test_an_unknown_entity_is_named_with_what_there_is(crm: TestCrm) -> None:
    """The message has names that are like it."""
    with pytest.raises(LookupError, match="no entity 'costumer'; there are for example customer"):
        await crm.make("costumer")
