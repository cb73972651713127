"""`history`: what happened to one record, the newest first."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore import Actor, Crm, actions
from crmcore.access.actor import Effect, Scope
from crmcore.database import ids
from tests.graphql.scene import SYSTEM, Scene

HISTORY = """
    query ($id: ID!, $first: Int, $after: String) {
      history(id: $id, first: $first, after: $after) {
        pageInfo { hasNextPage endCursor } edges { cursor node { type fields { name before after } } }
      }
    }
"""


@pytest.fixture
async def scene(crm: Crm) -> Scene:
    """People, and no records yet."""
    return await Scene(crm).set_up()


async def _history(scene: Scene, id: str, by: Actor = SYSTEM, **given: Any) -> Any:
    return (await scene.ask(HISTORY, {"id": id, **given}, by=by))["history"]


def _types(page: Any) -> list[str]:
    return [edge["node"]["type"].removeprefix("CUSTOMER_") for edge in page["edges"]]


async def test_the_newest_comes_first(scene: Scene) -> None:
    """Page after page into the past, whatever else happens meanwhile."""
    id = await scene.customer("Acme")
    for name in ("B", "C", "D"):
        await scene.update("customer", id, display_name=name)
        await scene.customer("another")
    shown = ids.encode("customer", id)

    first = await _history(scene, shown, first=3)
    await scene.delete("customer", id)
    rest = await _history(scene, shown, first=3, after=first["pageInfo"]["endCursor"])

    assert [("UPDATED", "D"), ("UPDATED", "C"), ("UPDATED", "B")] == [
        (kind, edge["node"]["fields"][0]["after"]) for kind, edge in zip(_types(first), first["edges"], strict=True)
    ]
    assert (True, False) == (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"])
    assert ["CREATED"] == _types(rest)
    assert ["DELETED", "UPDATED"] == _types(await _history(scene, shown, first=2))


async def test_a_history_is_for_those_who_may_read_the_record(scene: Scene) -> None:
    """Also of one that is deleted, or gone: then for those who might read it at its end."""
    mine, others = await scene.customer("A", owner_id=scene.ana), await scene.customer("B", owner_id=scene.bob)
    by = scene.reader(Scope.OWN)

    async def seen() -> list[bool]:
        return [await _history(scene, ids.encode("customer", id), by) is not None for id in (mine, others)]

    assert [True, False] == await seen()
    for verb in (scene.delete, scene.destroy):
        for id in (mine, others):
            await verb("customer", id)
        assert [True, False] == await seen()


async def test_there_is_no_history_of_nothing(scene: Scene) -> None:
    """Null for a record there never was, an empty page for one of which nothing is kept, a refusal for no id of a record."""
    assert await _history(scene, ids.encode("customer", ids.new())) is None

    id = await scene.customer("Acme")
    await scene.crm.database.execute("delete from crm_event where record_id = $1", id)
    page = await _history(scene, ids.encode("customer", id))
    assert ([], {"hasNextPage": False, "endCursor": None}) == (page["edges"], page["pageInfo"])

    answer = await scene.crm.execute(HISTORY, {"id": ids.encode("ghost", id)}, actor=SYSTEM)
    assert {"history": None} == answer["data"]
    assert ["UNKNOWN_ID_TYPE"] == [v["code"] for v in answer["errors"][0]["extensions"]["violations"]]


async def test_field_rules_hold(scene: Scene) -> None:
    """A history shows no field that the record would not."""
    id = await scene.customer("Acme", industry="Tea")
    await scene.update("customer", id, industry="Coffee")

    page = await _history(scene, ids.encode("customer", id), scene.reader(Scope.ALL, industry=Effect.HIDDEN), first=1)

    assert [("UPDATED", [])] == [
        (kind, e["node"]["fields"]) for kind, e in zip(_types(page), page["edges"], strict=True)
    ]


async def test_what_a_batch_did_is_told_of_each_record(scene: Scene) -> None:
    """One transaction, an event for each, none for a record that was refused."""

    async def both(work: Any) -> list[Any]:
        made = await actions.create(work, "tag", {"name": "one"})
        with pytest.raises(Exception, match="already has"):
            async with work.savepoint():
                await actions.create(work, "tag", {"name": "ONE"})
        return [made, await actions.create(work, "tag", {"name": "two"})]

    for tag in await scene.do(both):
        assert ["TAG_CREATED"] == _types(await _history(scene, ids.encode("tag", tag["id"])))
