"""`customer(id:, asOf:)`: a record as it was, told by the feed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crmcore import Actor, Crm, clock
from crmcore.access.actor import Effect, Scope
from crmcore.database import ids, instants
from crmcore.entities import fields as f
from tests.graphql.scene import SYSTEM, Scene


@pytest.fixture
async def scene(crm: Crm) -> Scene:
    """People, and no records yet."""
    return await Scene(crm).set_up()


def _own(scene: Scene, entity: str) -> str:
    """Return a selection of all that a record knows by itself."""
    parts = {f.Scalar: "", f.Money: "{ amount currency }", f.Stamp: "{ type actorId label }", f.One: "{ id }"}
    given = scene.crm.entities[entity].own_fields
    return " ".join(f"{field.name} {parts[type(field)]}" for field in given if type(field) in parts)


async def _read(
    scene: Scene, entity: str, id: UUID, at: datetime | None, by: Actor = SYSTEM, selection: str = ""
) -> Any:
    text = (
        f"query ($id: ID!, $at: DateTime) {{ {entity}(id: $id, asOf: $at) {{ {selection or _own(scene, entity)} }} }}"
    )
    given = {"id": ids.encode(entity, id), "at": None if at is None else instants.wire(at)}
    return (await scene.ask(text, given, by=by))[entity]


async def test_a_record_is_shown_as_it_was_at_any_moment(scene: Scene) -> None:
    """With values of all kinds, before it was made, after each change, while it was deleted, and after its end."""
    stages = await scene.ask("{ stages(first: 2, orderBy: [{field: POSITION}]) { nodes { id } } }")
    first, second = (ids.parse(node["id"], "stage") for node in stages["stages"]["nodes"])
    customer = await scene.customer("Acme")
    deal: dict[str, Any] = {}
    changes: list[dict[str, Any]] = [
        {"name": "B", "amount": 1050, "amount_currency": "EUR", "probability": 30, "fx_rate": 1.5},
        {"amount": 99, "amount_currency": "JPY", "expected_close_date": clock.now().date(), "next_step": 'Say "é😀"'},
        {"stage_id": second, "owner_id": scene.ana, "customer_id": customer},
        {"next_step": None, "amount": None, "amount_currency": None, "customer_id": None},
    ]
    steps: list[Callable[[], Awaitable[Any]]] = [
        *[lambda values=values: scene.update("deal", deal["id"], **values) for values in changes],
        lambda: scene.delete("deal", deal["id"]),
    ]
    before = clock.now()
    deal |= await scene.create("deal", name="A", stage_id=first)
    moments = []
    for step in steps:
        moments.append((clock.now(), await _read(scene, "deal", deal["id"], None)))
        await step()
    moments.append((clock.now(), None))
    await scene.destroy("deal", deal["id"])

    assert 5 == len({str(shown) for _, shown in moments[:-1]})
    for moment, shown in moments:
        assert shown == await _read(scene, "deal", deal["id"], moment)
    assert [None, None] == [await _read(scene, "deal", deal["id"], at) for at in (before, clock.now())]


async def test_json_is_shown_as_it_was(scene: Scene) -> None:
    """Whatever JSON value it is, since a database may keep some of them in a form of its own."""
    id = await scene.customer("Acme")
    await scene.crm.database.execute("delete from crm_event where record_id = $1", id)
    values: list[Any] = [{"a": [1, None, "é"]}, ["x"], "text", 5, 1.5, True, {}]
    moments = []
    for value in values:
        await scene.do(lambda work, value=value: work.change("customer", id, {"custom_fields": value}))  # type: ignore[misc]
        await scene.update("customer", id, industry=str(value))
        moments.append(clock.now())

    shown = [(await _read(scene, "customer", id, at, selection="customFields"))["customFields"] for at in moments]
    assert values == shown


async def test_without_an_event_before_it_the_one_after_tells(scene: Scene) -> None:
    """What was written before the feed began, or so that nobody was told, is known by what changed later, or still is."""
    id = await scene.customer("Acme", industry="Tea")
    quiet = await scene.customer("Quiet")
    for each in (id, quiet):
        await scene.crm.database.execute("delete from crm_event where record_id = $1", each)
    made = clock.now()
    await scene.update("customer", id, industry=None)
    await scene.update("customer", id, display_name="Zeta", industry="Coffee")

    async def shown(which: UUID, at: datetime) -> Any:
        return await _read(scene, "customer", which, at, selection="displayName industry")

    assert {"displayName": "Acme", "industry": "Tea"} == await shown(id, made)
    assert {"displayName": "Quiet", "industry": None} == await shown(quiet, made)
    assert await shown(quiet, made - timedelta(seconds=5)) is None


async def test_what_the_feed_has_forgotten_is_not_made_up(scene: Scene) -> None:
    """Before the oldest event that is kept nobody knows how a record was."""
    id = await scene.customer("Acme")
    early = clock.now()
    await scene.update("customer", id, display_name="B")
    await scene.crm.database.execute("delete from crm_event where at <= $1", early)
    await scene.update("customer", id, display_name="C")

    assert await _read(scene, "customer", id, early, selection="displayName") is None
    assert "C" == (await _read(scene, "customer", id, clock.now(), selection="displayName"))["displayName"]


async def test_a_column_that_came_later_has_its_value_of_now(scene: Scene) -> None:
    """An event does not know it."""
    id = await scene.customer("Acme", industry="Tea")
    key = '"industry":"Tea",'
    await scene.crm.database.execute("update crm_event set row = replace(row, $1, '') where record_id = $2", key, id)
    moment = clock.now()
    await scene.update("customer", id, industry="Coffee", display_name="Zeta")

    shown = await _read(scene, "customer", id, moment, selection="displayName industry")
    assert {"displayName": "Acme", "industry": "Coffee"} == shown


async def test_the_past_is_for_those_who_may_read_the_record_now(scene: Scene) -> None:
    """Or might at its end; field rules hold for it."""
    mine, others = await scene.customer("A", owner_id=scene.bob), await scene.customer("B", owner_id=scene.ana)
    moment = clock.now()
    await scene.update("customer", mine, owner_id=scene.ana, industry="Tea")
    await scene.update("customer", others, owner_id=scene.bob)
    by = scene.reader(Scope.OWN, displayName=Effect.MASKED, industry=Effect.HIDDEN)

    async def seen() -> list[Any]:
        return [
            await _read(scene, "customer", id, moment, by, "displayName industry owner { name }")
            for id in (mine, others)
        ]

    masked = {"displayName": "***", "industry": None, "owner": None}
    assert [masked, None] == await seen()
    for id in (mine, others):
        await scene.destroy("customer", id)
    assert [masked, None] == await seen()
    assert await _read(scene, "customer", mine, moment, scene.reader(Scope.NONE), "id") is None


async def test_links_lead_to_records_as_they_are_now(scene: Scene) -> None:
    """The link is that of then, what it leads to of now; lists of other records are refused, since nobody knows them."""
    parent, other = await scene.customer("Parent"), await scene.customer("Other")
    id = await scene.customer("Acme", parent_id=parent)
    moment = clock.now()
    await scene.update("customer", id, parent_id=other)
    await scene.update("customer", parent, display_name="Renamed")

    shown = await _read(scene, "customer", id, moment, selection="parent { displayName children { totalCount } }")
    assert {"parent": {"displayName": "Renamed", "children": {"totalCount": 0}}} == shown

    for selection in ("deals { totalCount }", "timeline { totalCount }"):
        text = f'query ($id: ID!) {{ customer(id: $id, asOf: "{instants.wire(moment)}") {{ id {selection} }} }}'
        answer = await scene.crm.execute(text, {"id": ids.encode("customer", id)}, actor=SYSTEM)
        (error,) = answer["errors"]
        assert "VALIDATION" == error["extensions"]["code"]
        assert ["NOT_OF_THE_PAST"] == [violation["code"] for violation in error["extensions"]["violations"]]
