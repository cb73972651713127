"""Operations that are asked at once: each is answered as if nobody else had asked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.access.actor import Access, Actor, Scope
from crmcore.database import gathering
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.operations import OPERATIONS
from tests.graphql.planner.world import ANN, BOB, ENTITIES, NORTH, ROOT, person, uuid

_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}
_SOUTH = uuid(2, 2)
_ACTORS = [
    person(Access(scopes=_ALL | {"buyer:read": scope, "deal:read": scope}), user, teams)
    for scope in (Scope.OWN, Scope.TEAM)
    for user in (ANN, BOB)
    for teams in ((), (NORTH,), (_SOUTH,), (NORTH, _SOUTH))
]
_BUYER = "query ($id: ID!) { buyer(id: $id) { id name phase deals(first: 3) { totalCount nodes { name } } } }"
_LIST = """query ($names: [String!], $first: Int!) { buyers(filter: {name: {in: $names}}, first: $first) {
    totalCount pageInfo { endCursor } nodes { id name owner { name } deals { totalCount } } } }"""

_asked = st.one_of(
    st.tuples(st.just(_BUYER), st.builds(lambda n: {"id": f"buyer_{uuid(3, n)}"}, st.integers(0, 30))),
    st.tuples(
        st.just(_LIST),
        st.builds(
            lambda names, first: {"names": names, "first": first},
            st.lists(st.sampled_from(["Bea", "Cyd", "Zoë", "nobody"]), max_size=3),
            st.integers(1, 4),
        ),
    ),
)
_requests = st.lists(st.tuples(_asked, st.sampled_from([ROOT, *_ACTORS])), min_size=2, max_size=40)


@pytest.fixture(autouse=True)
def _never_resting(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, what is asked at once goes together."""
    monkeypatch.setattr(gathering, "_REST", -1)
    monkeypatch.setattr(gathering, "_TARGET", 1e9)


async def _answer(desk: Desk, text: str, variables: dict[str, Any] | None, actor: Actor) -> tuple[str, list[str]]:
    result = await desk.read(text, variables, actor)
    return result.json, [error.message for error in result.errors]


@given(requests=_requests)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_nobody_gets_what_another_may_see(desk: Desk, requests: list[tuple[Any, Actor]]) -> None:
    """Different people with different rights, teams and arguments, one statement for those whose plan is the same."""
    alone = [await _answer(desk, text, variables, actor) for (text, variables), actor in requests]
    together = await asyncio.gather(*(_answer(desk, text, variables, actor) for (text, variables), actor in requests))
    assert alone == together


async def test_people_with_the_same_rights_go_together(desk: Desk) -> None:
    """Guards the test above: on PostgreSQL there are groups of several people in it, on SQLite of those who ask with equal values."""
    people = [actor for actor in _ACTORS if actor.access.key == _ACTORS[0].access.key]
    for number in (1, 4):
        asked = [_answer(desk, _BUYER, {"id": f"buyer_{uuid(3, number)}"}, actor) for actor in people]
        found = {answer for answer, _ in await asyncio.gather(*asked)}
        assert 1 < len(found), "some may see the buyer, and some may not"
    gathered, all_of_them = desk.database.watch.gathered, 2 * len(people)
    assert gathered == all_of_them if desk.database.dialect == "postgresql" else 0 < gathered < all_of_them


async def test_every_operation_is_answered_alike_alone_and_together(desk: Desk) -> None:
    """All kinds of fields, filters and orders; on PostgreSQL all that have a parameter besides arrays go out as one statement."""
    differing, apart = [], []
    for name, text, variables in OPERATIONS:
        alone = await _answer(desk, text, variables, ROOT)
        before = desk.database.watch.gathered
        desk.statements.clear()
        for _ in range(2):
            both = await asyncio.gather(*(_answer(desk, text, variables, ROOT) for _ in range(2)))
            differing += [name for each in both if json.loads(each[0]) != json.loads(alone[0]) or each[1] != alone[1]]
        parted = any(not isinstance(value, list) for _, params in desk.statements for value in params)
        if parted and desk.database.watch.gathered - before != 4:
            apart.append(name)
    assert [] == differing
    assert desk.database.dialect == "sqlite" or [] == apart
