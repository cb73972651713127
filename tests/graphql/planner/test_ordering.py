"""Orders by linked records, and the order an entity has of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from graphql import GraphQLSchema

from crmcore.access import entities as access
from crmcore.access.actor import Access, Actor, Effect, Scope
from crmcore.database import ids
from crmcore.entities.entity import Entity
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.errors import SetupError
from crmcore.graphql.planner import Documents, Planner
from crmcore.graphql.schema.schema import build_schema
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ANN, ENTITIES, ROOT, Row, Stage, person, rows

_PAGE = """query ($o: [DealOrder!], $f: Int, $a: String, $l: Int, $b: String) {
    deals(orderBy: $o, first: $f, after: $a, last: $l, before: $b) { nodes { id } pageInfo { startCursor endCursor } } }"""
_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}

Follow = Callable[[str, Any], Row]
_NOTHING: Row = {}


def _linked(*, own: bool = False) -> Follow:
    """Return what finds a buyer or a stage that lives and may be seen, else a row without anything."""
    known = {
        (name, row["id"]): row
        for name in ("buyer", "stage")
        for row in rows()[name]
        if row["deleted_at"] is None and not (own and name == "buyer" and row["owner_id"] != ANN)
    }
    return lambda name, key: known.get((name, key), _NOTHING)


def _sorted(value: Callable[[Row], Any], *, descending: bool = False, nulls_first: bool = False) -> list[str]:
    deals = sorted((r for r in rows()["deal"] if r["deleted_at"] is None), key=lambda r: r["id"], reverse=descending)
    without = [r for r in deals if value(r) is None]
    having = sorted((r for r in deals if value(r) is not None), key=value, reverse=descending)
    return [ids.encode("deal", r["id"]) for r in (without + having if nulls_first else having + without)]


async def _walk(desk: Desk, order: Any, actor: Actor, *, forward: bool) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        part = {"f": 11, "a": cursor} if forward else {"l": 11, "b": cursor}
        page = (await desk.ask(_PAGE, {"o": order, **part}, actor))["deals"]
        here = [node["id"] for node in page["nodes"]]
        if not here:
            return found
        found = [*found, *here] if forward else [*here, *found]
        cursor = page["pageInfo"]["endCursor" if forward else "startCursor"]


def _buyer_name(linked: Follow) -> Callable[[Row], Any]:
    def name(deal: Row) -> Any:
        found = linked("buyer", deal["buyer_id"]).get("name")
        return None if found is None else found.encode()

    return name


def _grandparent_size(linked: Follow) -> Callable[[Row], Any]:
    def size(deal: Row) -> Any:
        parent = linked("buyer", linked("buyer", deal["buyer_id"]).get("parent_id"))
        return linked("buyer", parent.get("parent_id")).get("size")

    return size


@pytest.mark.parametrize(
    ("order", "value", "how"),
    [
        ({"buyer": {"field": "NAME"}}, _buyer_name, {}),
        (
            {"buyer": {"field": "NAME", "direction": "DESC"}, "direction": "ASC"},
            _buyer_name,
            {"descending": True, "nulls_first": True},
        ),
        ({"buyer": {"field": "NAME", "nulls": "FIRST"}}, _buyer_name, {"nulls_first": True}),
        ({"buyer": {"parent": {"parent": {"field": "SIZE"}}}}, _grandparent_size, {}),
    ],
)
@pytest.mark.parametrize("own", [False, True])
async def test_a_list_ordered_by_a_linked_record_can_be_walked_either_way(
    desk: Desk, order: Any, value: Any, how: dict[str, bool], own: bool
) -> None:
    """A record that is deleted, or that the actor may not see, orders as if there were none."""
    actor = person(Access(scopes={**_ALL, "buyer:read": Scope.OWN})) if own else ROOT
    expected = _sorted(value(_linked(own=own)), **how)
    assert await _walk(desk, order, actor, forward=True) == expected
    assert await _walk(desk, order, actor, forward=False) == expected


async def test_a_record_linked_from_the_other_side_orders_too(desk: Desk) -> None:
    """One there is at most: a plugin's side table."""
    answer = await desk.ask("{ buyers(first: 6, orderBy: {profile: {field: MOTTO}}) { nodes { profile { motto } } } }")
    assert [n["profile"] for n in answer["buyers"]["nodes"]] == [*({"motto": f"Motto {n}"} for n in range(5)), None]


async def test_keys_of_both_kinds_go_together(desk: Desk) -> None:
    """By stage, and within a stage by name."""
    order = [{"stage": {"field": "POSITION", "direction": "DESC"}}, {"field": "NAME"}]
    found = await _walk(desk, order, ROOT, forward=True)
    deals = sorted((r for r in rows()["deal"] if r["deleted_at"] is None), key=lambda r: (r["name"], r["id"]))
    deals.sort(key=lambda r: _linked()("stage", r["stage_id"])["position"], reverse=True)
    assert found == [ids.encode("deal", r["id"]) for r in deals]


@pytest.mark.parametrize(
    ("order", "code", "path", "words"),
    [
        ("{}", "ORDER_KEY", "orderBy.0", "names nothing"),
        ("[{field: NAME}, {direction: DESC}]", "ORDER_KEY", "orderBy.1", "names nothing"),
        ("{field: NAME, stage: {field: NAME}}", "ORDER_KEY", "orderBy.0", "names field and stage; give each a key"),
        ("{buyer: {parent: {}}}", "ORDER_KEY", "orderBy.0.buyer.parent", "names nothing"),
        ("{buyer: null, field: null}", "ORDER_KEY", "orderBy.0", "names nothing"),
        (
            "{buyer: {parent: {parent: {parent: {field: NAME}}}}}",
            "ORDER_DEPTH",
            "orderBy.0.buyer.parent.parent",
            "3 links",
        ),
        (f"[{'{field: NAME}, ' * 11}]", "TOO_MANY_KEYS", "orderBy", "at most 10 keys"),
    ],
)
async def test_a_key_that_is_not_one_thing_is_refused(desk: Desk, order: str, code: str, path: str, words: str) -> None:
    """The error says which key, and the way out."""
    result = await desk.read(f"{{ deals(orderBy: {order}) {{ totalCount }} }}")
    [error] = result.errors
    assert words in error.message
    assert [(v["code"], v["path"]) for v in error.extensions["violations"]] == [(code, path)]  # type: ignore[index]
    assert desk.statements == []


@pytest.mark.parametrize("effect", [Effect.MASKED, Effect.HIDDEN])
@pytest.mark.parametrize("kept_back", [("buyer", "name"), ("deal", "buyer"), ("deal", "buyerId")])
async def test_what_is_kept_back_cannot_be_guessed_by_an_order_through_a_link(
    desk: Desk, effect: Effect, kept_back: tuple[str, str]
) -> None:
    """Neither a field of the linked record, nor the link."""
    actor = person(Access(scopes=_ALL, effects={kept_back: effect}))
    result = await desk.read("{ deals(orderBy: {buyer: {field: NAME}}) { totalCount } }", actor=actor)
    assert [e.extensions["code"] for e in result.errors] == ["FORBIDDEN"]  # type: ignore[index]


async def test_a_cursor_is_good_wherever_the_list_stands_in_the_document(desk: Desk) -> None:
    """Also of an order by an expression, and through a link: the names of tables in the statement are not in it."""
    for entity, order in (("buyers", "{field: NAME_LENGTH}"), ("deals", "{buyer: {field: NAME_LENGTH}}")):
        alone = await desk.ask(f"{{ {entity}(first: 3, orderBy: {order}) {{ pageInfo {{ endCursor }} }} }}")
        cursor = alone[entity]["pageInfo"]["endCursor"]
        page = f'{entity}(first: 3, after: "{cursor}", orderBy: {order}) {{ nodes {{ id }} }}'
        beside = await desk.ask(f"{{ stages {{ nodes {{ deals {{ totalCount }} }} }} {page} }}")
        assert beside[entity] == (await desk.ask(f"{{ {page} }}"))[entity]


@cache
def _ordered(order: tuple[str, ...]) -> tuple[Entities, GraphQLSchema]:
    others = [e for e in ENTITIES.values() if e.name != "stage" and e not in access.ENTITIES]
    entities = Entities((*access.ENTITIES, Entity(Stage, "stages", attachable=True, order=order), *others))
    return entities, build_schema(entities, Registries([], [])).graphql


def _desk_with(desk: Desk, *order: str) -> Desk:
    entities, schema = _ordered(order)
    desk.documents, desk.planner = Documents(schema), Planner(entities, schema, desk.database.dialect)
    return desk


_STAGES = "{ stages { nodes { name } } }"


async def test_an_entity_may_have_an_order_of_its_own(desk: Desk) -> None:
    """Its lists are in it when a client does not say; else the newest record comes first."""
    for order, numbers in ((("position",), [0, 1, 2]), (("version", "-name"), [2, 1, 0])):
        for arguments in ("", "(orderBy: [])", "(orderBy: null)"):
            answer = await _desk_with(desk, *order).ask(f"{{ stages{arguments} {{ nodes {{ name }} }} }}")
            assert [n["name"] for n in answer["stages"]["nodes"]] == [f"Stage {n}" for n in numbers]


async def test_an_entity_s_own_order_is_in_the_schema() -> None:
    """Where clients look what `orderBy` does if it is absent."""
    described = [
        _ordered(("position", "-name"))[1].query_type.fields[name].args["orderBy"] for name in ("stages", "deals")
    ]  # type: ignore[union-attr]
    assert [a.description for a in described] == [
        "By what, the first key first; by position, name descending if absent.",
        "By what, the first key first; the newest record first if absent.",
    ]


def test_an_order_by_what_is_no_column_stops_the_start() -> None:
    """With the plugin, the list and the column."""
    with pytest.raises(SetupError) as refused:
        Entities((Entity(Stage, "stages", order=("-place",), plugin="steps"),))
    [problem] = refused.value.problems
    assert "Plugin 'steps' orders stages by 'place', which is no column of stage" in problem


async def test_pages_of_an_entity_s_own_order_follow_each_other(desk: Desk) -> None:
    """A cursor carries that order, and is none of another's."""
    ordered = _desk_with(desk, "position")
    page = (await ordered.ask("{ stages(first: 1) { pageInfo { endCursor } } }"))["stages"]
    cursor = page["pageInfo"]["endCursor"]
    after = await ordered.ask(f'{{ stages(after: "{cursor}") {{ nodes {{ name }} }} }}')
    assert [n["name"] for n in after["stages"]["nodes"]] == ["Stage 1", "Stage 2"]
    assert (await ordered.read(f'{{ stages(after: "{cursor}", orderBy: {{field: NAME}}) {{ totalCount }} }}')).errors


async def test_an_order_of_its_own_does_not_tell_what_is_kept_back(desk: Desk) -> None:
    """The key is left out for those who may not see it: nobody asked for it, so nobody is refused."""
    actor = person(Access(scopes=_ALL, effects={("stage", "position"): Effect.HIDDEN}))
    answer = await _desk_with(desk, "position").ask(_STAGES, actor=actor)
    assert [n["name"] for n in answer["stages"]["nodes"]] == ["Stage 2", "Stage 1", "Stage 0"]
