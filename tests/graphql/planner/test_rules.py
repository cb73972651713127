"""Rules are in the statement: rows at every table reference, fields wherever they could tell something."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from crmcore.access.actor import NOTHING, Access, Effect, Scope
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.reference import Reference, without_cursors
from tests.graphql.planner.world import ANN, ENTITIES, NORTH, ROOT, Row, person, rows, uuid

_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}
_EVERYWHERE = f"""{{ buyers(first: 40) {{ nodes {{ id name owner {{ name }} parent {{ name }} profile {{ motto }} deals {{ totalCount nodes {{ name buyer {{ id }} stage {{ name }} }} }}
    calls {{ totalCount nodes {{ topic buyer {{ name }} }} }} marks {{ nodes {{ key subject {{ id }} }} }} children {{ totalCount }} }} totalCount pageInfo {{ hasNextPage }} }}
    deals(first: 60) {{ nodes {{ id buyer {{ id name }} }} totalCount }} calls(first: 60) {{ nodes {{ id topic }} totalCount }} marks(first: 60) {{ nodes {{ key subject {{ id }} }} totalCount }}
    stages {{ nodes {{ name deals(filter: {{buyer: {{vip: {{eq: true}}}}}}) {{ totalCount }} }} }} profiles {{ totalCount nodes {{ buyer {{ name }} }} }}
    a: buyers(first: 40, filter: {{deals: {{some: {{name: {{eq: "Deal 1"}}}}}}}}) {{ nodes {{ id }} }} b: buyers(first: 40, filter: {{deals: {{none: {{}}}}}}) {{ nodes {{ id }} }}
    c: deals(first: 60, filter: {{buyer: {{}}}}) {{ totalCount }} d: deals(first: 60, filter: {{not: {{buyer: {{parent: {{}}}}}}}}) {{ nodes {{ id }} }}
    e: calls(filter: {{buyer: {{name: {{contains: "a"}}}}}}) {{ totalCount }} nodes(ids: [{", ".join(f'"buyer_{uuid(3, n)}", "deal_{uuid(5, n)}", "mark_{uuid(7, n)}"' for n in range(8))}]) {{ id }} }}"""


def _visible(own: set[str], team: bool = False) -> dict[str, list[Row]]:
    data = rows()

    def mine(row: Row) -> bool:
        return row["owner_id"] == ANN or (team and row["team_id"] == NORTH)

    for name in own:
        data[name] = [row for row in data[name] if mine(row)]
    buyers = {row["id"] for row in data["buyer"]}
    for name in ("call", "profile"):
        data[name] = [row for row in data[name] if row["buyer_id"] in buyers]
    known = {row["id"] for name in ("buyer", "deal", "stage") for row in data[name]}
    data["mark"] = [row for row in data["mark"] if row["subject_id"] in known]
    return data


@pytest.mark.parametrize(
    ("scope", "own"),
    [(Scope.OWN, {"buyer", "deal"}), (Scope.TEAM, {"buyer", "deal"}), (Scope.OWN, {"buyer"}), (Scope.OWN, {"deal"})],
)
async def test_who_may_see_some_rows_gets_what_there_would_be_without_the_others(
    desk: Desk, scope: Scope, own: set[str]
) -> None:
    """Lists, counts, to-one, nested lists, filters with some and none, nodes and guarded children alike."""
    actor = person(Access(scopes=_ALL | {f"{name}:read": scope for name in own}))
    reference = Reference(_visible(own, team=scope is Scope.TEAM))
    assert without_cursors(await desk.ask(_EVERYWHERE, actor=actor)) == reference.ask(_EVERYWHERE)


async def test_every_mention_of_a_table_stands_with_its_rule(desk: Desk) -> None:
    """Counted in the statement: no table of an entity without the condition on its owner."""
    await desk.ask(_EVERYWHERE, actor=person(Access(scopes=_ALL | {"buyer:read": Scope.OWN, "deal:read": Scope.OWN})))
    [(sql, _)] = desk.statements
    for table in ("buyer", "deal"):
        aliases = re.findall(rf"(?:from|join) {table} (t\d+(?:_g)*)", sql)
        assert len(aliases) > 10
        for alias in aliases:
            assert re.search(rf"\b{alias}\.owner_id = (\(select )?\$", sql), alias


async def test_who_may_see_nothing_gets_nothing(desk: Desk) -> None:
    """No error: a record one may not see and one there is not are the same."""
    answer = await desk.ask(
        f'{{ buyers {{ totalCount nodes {{ id }} }} buyer(id: "buyer_{uuid(3, 4)}") {{ id }} node(id: "deal_{uuid(5, 4)}") {{ id }} calls {{ totalCount }} }}',
        actor=person(NOTHING),
    )
    assert answer == {"buyers": {"totalCount": 0, "nodes": []}, "buyer": None, "node": None, "calls": {"totalCount": 0}}


def _ruled(**effects: Effect) -> Access:
    return Access(scopes=_ALL, effects={("buyer", name): effect for name, effect in effects.items()})


async def _one(desk: Desk, fields: str, access: Access, number: int = 12) -> Any:
    query = f'{{ buyer(id: "buyer_{uuid(3, number)}") {{ {fields} }} }}'
    return (await desk.ask(query, actor=person(access)))["buyer"]


async def test_a_hidden_field_is_null(desk: Desk) -> None:
    """Whatever backs it: a column, money, a relation, a computed value."""
    access = _ruled(
        nick=Effect.HIDDEN, credit=Effect.HIDDEN, parent=Effect.HIDDEN, extra=Effect.HIDDEN, greeting=Effect.HIDDEN
    )
    answer = await _one(desk, "name nick credit { amount } parent { name } parentId extra greeting", access, 13)
    assert answer == {
        "name": "Buyer 13",
        **dict.fromkeys(["nick", "credit", "parent", "parentId", "extra", "greeting"]),
    }


async def test_hiding_a_link_hides_the_relation(desk: Desk) -> None:
    """The one would tell the other."""
    assert await _one(desk, "parent { name } parentId", _ruled(parentId=Effect.HIDDEN), 13) == {
        "parent": None,
        "parentId": None,
    }


async def test_a_masked_text_shows_its_first_character_at_most(desk: Desk) -> None:
    """Texts of up to three characters show none; null stays null; other kinds are null."""
    access = _ruled(name=Effect.MASKED, nick=Effect.MASKED, rank=Effect.MASKED, seenAt=Effect.MASKED)
    found = [await _one(desk, "name nick rank seenAt", access, n) for n in (1, 12, 8)]
    assert found == [
        {"name": "•••", "nick": "•••", "rank": None, "seenAt": None},
        {"name": "B•••", "nick": None, "rank": None, "seenAt": None},
        {"name": "•••", "nick": None, "rank": None, "seenAt": None},
    ]


async def test_what_is_computed_of_a_kept_back_column_is_kept_back(desk: Desk) -> None:
    """Python never gets the value."""
    assert await _one(desk, "greeting", _ruled(name=Effect.MASKED)) == {"greeting": None}


@pytest.mark.parametrize("effect", [Effect.MASKED, Effect.HIDDEN])
@pytest.mark.parametrize(
    "arguments",
    [
        'filter: {nick: {eq: "Nick"}}',
        "filter: {not: {or: [{nick: {isNull: true}}]}}",
        "orderBy: {field: NICK}",
        'filter: {children: {some: {nick: {eq: "x"}}}}',
        'filter: {parent: {children: {none: {nick: {eq: "x"}}}}}',
    ],
)
async def test_a_kept_back_field_cannot_be_guessed_by_filter_or_order(
    desk: Desk, effect: Effect, arguments: str
) -> None:
    """The list is refused; relations are no way around."""
    access = _ruled(nick=effect)
    result = await desk.read(f"{{ buyers({arguments}) {{ totalCount }} }}", actor=person(access))
    assert result.errors[0].extensions["code"] == "FORBIDDEN"  # type: ignore[index]
    assert "Buyer.nick" in result.errors[0].message
    nested = f"{{ deals {{ nodes {{ buyer {{ children({arguments}) {{ totalCount }} }} }} }} }}"
    path = (await desk.read(nested, actor=person(access))).errors[0].path
    assert [step for step in path or () if isinstance(step, str)] == ["deals", "nodes", "buyer", "children"]


async def test_a_kept_back_relation_cannot_be_filtered_through(desk: Desk) -> None:
    """Not by the link, not by the record it leads to."""
    for filter_ in ("{parent: {}}", f'{{parentId: {{eq: "buyer_{uuid(3, 1)}"}}}}'):
        result = await desk.read(
            f"{{ buyers(filter: {filter_}) {{ totalCount }} }}", actor=person(_ruled(parentId=Effect.HIDDEN))
        )
        assert result.errors[0].extensions["code"] == "FORBIDDEN"  # type: ignore[index]


async def test_a_hidden_field_that_may_not_be_null_is_refused(desk: Desk) -> None:
    """There is no honest value for it; other roots are answered."""
    query = f'{{ a: buyer(id: "buyer_{uuid(3, 4)}") {{ id size }} b: stages {{ totalCount }} }}'
    result = await desk.read(query, actor=person(_ruled(size=Effect.HIDDEN)))
    assert json.loads(result.json) == {"a": None, "b": {"totalCount": 3}}
    assert [(e.path, e.extensions["code"]) for e in result.errors] == [(["a", "size"], "FORBIDDEN")]  # type: ignore[index]


async def test_read_only_fields_are_read(desk: Desk) -> None:
    """That rule is about writing."""
    assert await _one(desk, "name", _ruled(name=Effect.READ_ONLY)) == {"name": "Buyer 12"}


async def test_another_access_is_another_plan(desk: Desk) -> None:
    """Nobody gets the plan of somebody with other rights."""
    query = "{ buyers { totalCount } }"
    counts = [
        await desk.ask(query, actor=actor)
        for actor in (ROOT, person(NOTHING), person(Access(scopes={"buyer:read": Scope.OWN})))
    ]
    assert [c["buyers"]["totalCount"] for c in counts] == [28, 0, 9]
    assert desk.planner.plans.misses == 3


@pytest.mark.parametrize("mode", ["INCLUDE", "ONLY"])
async def test_deleted_records_obey_the_row_rules_too(desk: Desk, mode: str) -> None:
    """Asking for them opens no door."""
    query = f"{{ buyers(first: 60, deleted: {mode}) {{ nodes {{ id }} totalCount }} }}"
    actor = person(Access(scopes={"buyer:read": Scope.OWN}))
    assert await desk.ask(query, actor=actor) == Reference(_visible({"buyer"})).ask(query)


async def test_a_plugin_s_join_cannot_step_around_the_rules(desk: Desk) -> None:
    """Its condition stands in brackets."""
    await desk.ask("{ buyers { nodes { deals { totalCount } profile { motto } } } }", actor=person(Access(scopes=_ALL)))
    assert "(t3.buyer_id = t1.id) and" in desk.statements[0][0]
