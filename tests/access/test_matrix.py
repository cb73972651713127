"""No path leaks: role × entity × path, generated from the declarations.

Every test goes through all entities with one role and compares what each path gives with what it should. What relations
there are is read as the system, which no rule restricts; a role should see of them what it may read, and no more.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from crmcore.access.actor import Access, Actor
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.entities import actions
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.work import Work
from crmcore.errors import Forbidden, NotFound, Refusal
from crmcore.interchange import export
from tests.access import matrix
from tests.access.matrix import VARIANTS, World

SYSTEM = Actor.system()

pytestmark = pytest.mark.parametrize("role", matrix.ROLES)


@pytest.fixture
async def world(crm: Crm) -> World:
    """Three rows of every entity."""
    return await matrix.populate(crm)


@pytest.fixture
def access(world: World, role: str) -> Access:
    """What the role permits."""
    return matrix.roles(world.crm.entities)[role]


@pytest.fixture
def me(world: World, access: Access) -> Actor:
    """Somebody with the role."""
    return world.actor(access)


async def ask(world: World, actor: Actor, text: str, **variables: Any) -> dict[str, Any]:
    """Ask and demand an answer without errors."""
    answer = await world.crm.execute(text, variables, actor=actor)
    assert "errors" not in answer, (text, answer["errors"])
    return answer["data"]  # type: ignore[no-any-return]


def ids_in(nodes: list[dict[str, Any]]) -> set[str]:
    """Return the ids of a list."""
    return {node["id"] for node in nodes}


async def test_lists_and_counts(world: World, access: Access, me: Actor) -> None:
    """Lists, with deleted records or without, show what may be read; counts count it."""
    found, expected = {}, {}
    for name, entity in world.crm.entities.items():
        data = await ask(
            world,
            me,
            f"{{ plain: {entity.plural}(first: 200) {{ totalCount nodes {{ id }} edges {{ node {{ id }} }} }} "
            f"back: {entity.plural}(last: 200, deleted: INCLUDE) {{ totalCount nodes {{ id }} }} }}",
        )
        known, reached = world.known(name), world.reached(name, "read", access)
        for path, connection in data.items():
            edges = [e["node"] for e in connection.get("edges", [{"node": n} for n in connection["nodes"]])]
            count = len(connection["nodes"])
            expected[name, path] = (reached, reached, count)
            found[name, path] = (ids_in(connection["nodes"]) & known, ids_in(edges) & known, connection["totalCount"])

    assert found == expected


async def test_by_id(world: World, access: Access, me: Actor) -> None:
    """By its id, and as a node alone or among others, a record is there if it may be read."""
    found, expected = {}, {}
    for name, entity in world.crm.entities.items():
        every = [world.id(name, variant) for variant in VARIANTS]
        ones = " ".join(
            f"one{n}: {entity.singular}(id: $id{n}) {{ id }} node{n}: node(id: $id{n}) {{ id }}" for n in range(3)
        )
        text = f"query($id0: ID!, $id1: ID!, $id2: ID!, $ids: [ID!]!) {{ {ones} nodes(ids: $ids) {{ id }} }}"
        data = await ask(world, me, text, ids=every, **{f"id{n}": id for n, id in enumerate(every)})
        reached = [id if id in world.reached(name, "read", access) else None for id in every]
        expected[name] = (reached, reached, reached)
        found[name] = tuple(
            [node and node["id"] for node in nodes]
            for nodes in (
                [data["one0"], data["one1"], data["one2"]],
                [data["node0"], data["node1"], data["node2"]],
                data["nodes"],
            )
        )

    assert found == expected


def relations(entity: Entity, world: World, kind: type) -> Iterator[Any]:
    """Return an entity's relations of a kind."""
    return (field for field in world.crm.entities.fields(entity.name).values() if isinstance(field, kind))


async def related(world: World, actor: Actor, entity: Entity) -> dict[tuple[str, str], tuple[set[str], int]]:
    """Read all relations of an entity's records: by record and field, the ids and the count."""
    ones = [field.name for field in relations(entity, world, f.One | f.AnyOne)]
    many = [field.name for field in relations(entity, world, f.Many)]
    selected = [f"{name} {{ id }}" for name in ones] + [
        f"{name}(first: 200) {{ totalCount nodes {{ id }} }}" for name in many
    ]
    data = await ask(world, actor, f"{{ list: {entity.plural}(first: 200) {{ nodes {{ id {' '.join(selected)} }} }} }}")
    found = {}
    for node in data["list"]["nodes"]:
        for name in ones:
            found[node["id"], name] = ({node[name]["id"]} if node[name] else set(), int(node[name] is not None))
        for name in many:
            found[node["id"], name] = (ids_in(node[name]["nodes"]), node[name]["totalCount"])
    return found


def readable(world: World, access: Access) -> set[str]:
    """Return the ids of all rows that may be read."""
    return {id for name in world.crm.entities for id in world.reached(name, "read", access)}


async def test_nested_relations(world: World, access: Access, me: Actor) -> None:
    """What a relation leads to is there if it may be read itself, whoever may read where it starts."""
    seen, known = readable(world, access), {id for name in world.crm.entities for id in world.known(name)}
    found, expected = {}, {}
    for name, entity in world.crm.entities.items():
        every = await related(world, SYSTEM, entity)
        for place, (targets, count) in (await related(world, me, entity)).items():
            if place[0] in world.known(name):
                found[place] = (targets & known, count)
                expected[place] = (every[place][0] & seen, len(every[place][0] & seen))

    assert found == expected


async def test_filters_through_relations(world: World, access: Access, me: Actor) -> None:
    """A filter on what a relation leads to sees what may be read: it cannot be used to find out about the rest."""
    seen = readable(world, access)
    found, expected = {}, {}
    for name, entity in world.crm.entities.items():
        every = await related(world, SYSTEM, entity)
        parents = world.reached(name, "read", access)
        for field in relations(entity, world, f.One | f.Many):
            tests = ("is", "not") if isinstance(field, f.One) else ("some", "none", "every")
            targets = {variant: world.id(field.target, variant) for variant in VARIANTS}
            data = await ask(world, me, _filters(entity, field, tests), **targets)
            for variant in VARIANTS:
                target = world.id(field.target, variant)
                with_it = {p for p in parents if target in every[p, field.name][0] and target in seen}
                for test in tests:
                    place = (name, field.name, variant, test)
                    found[place] = ids_in(data[f"{variant}_{test}"]["nodes"]) & world.known(name)
                    expected[place] = with_it if test in ("is", "some") else parents - with_it

    assert found == expected


def _filters(entity: Entity, field: Any, tests: tuple[str, ...]) -> str:
    forms = {
        "is": "{{ {field}: {{ id: {{ eq: ${target} }} }} }}",
        "not": "{{ not: {{ {field}: {{ id: {{ eq: ${target} }} }} }} }}",
        "some": "{{ {field}: {{ some: {{ id: {{ eq: ${target} }} }} }} }}",
        "none": "{{ {field}: {{ none: {{ id: {{ eq: ${target} }} }} }} }}",
        "every": "{{ {field}: {{ every: {{ id: {{ ne: ${target} }} }} }} }}",
    }
    lists = (
        f"{variant}_{test}: {entity.plural}(first: 200, filter: "
        f"{forms[test].format(field=field.name, target=variant)}) {{ nodes {{ id }} }}"
        for variant in VARIANTS
        for test in tests
    )
    return f"query($mine: ID, $team: ID, $theirs: ID) {{ {' '.join(lists)} }}"


WRITES = {"update": "update", "delete": "delete", "restore": "delete", "destroy": "destroy"}


def refusal(world: World, access: Access, entity: str, id: str, verb: str) -> str | None:
    """Return the code a write should be refused with, None if it should not be for want of rights."""
    if id not in world.reached(entity, "read", access):
        return "NOT_FOUND"
    return None if id in world.reached(entity, WRITES[verb], access) else "FORBIDDEN"


async def test_writes_that_are_not_permitted(world: World, access: Access, me: Actor) -> None:
    """What may not be read is not found, what may be read and not changed is forbidden, and nothing is written."""
    before = await everything(world)
    found, expected = {}, {}
    for name, entity in world.crm.entities.items():
        for verb in sorted(entity.actions & WRITES.keys()):
            for id in world.known(name):
                code = refusal(world, access, name, id, verb)
                if code is not None:
                    data = ", data: {}" if verb == "update" else ""
                    done = f"{verb}{entity.type_name}(id: $id{data}) {{ ... on Problem {{ code }} }}"
                    answer = await ask(world, me, f"mutation($id: ID!) {{ done: {done} }}", id=id)
                    found[id, verb] = answer["done"].get("code")
                    expected[id, verb] = code

    assert found == expected
    assert await everything(world) == before


class _Undo(Exception):
    """Takes a write back once it has been seen to succeed."""


async def test_writes_that_are_permitted(world: World, access: Access, me: Actor) -> None:
    """No right that a role gives is refused; what else may speak against a write is another matter."""
    refused = []
    for name, entity in world.crm.entities.items():
        for verb in sorted(entity.actions & {"update", "delete", "destroy"}):
            for id in world.known(name):
                if refusal(world, access, name, id, verb) is None and not await may(world, me, name, id, verb):
                    refused.append((id, verb))

    assert refused == []


async def may(world: World, actor: Actor, entity: str, id: str, verb: str) -> bool:
    """Say whether a write gets past the rules; it is taken back."""
    _, record = ids.split(id)

    async def unit(work: Work) -> None:
        if verb == "update":
            await actions.update(work, entity, record, {})
        else:
            await getattr(actions, verb)(work, entity, record)
        raise _Undo

    try:
        await world.crm.run(actor, unit)
    except (Forbidden, NotFound):
        return False
    except (_Undo, Refusal):
        return True
    return False


async def test_exports(world: World, access: Access, me: Actor) -> None:
    """A file holds what may be read and exported."""
    found, expected = {}, {}
    for name in world.crm.entities:
        target = io.BytesIO()
        try:
            await export(world.crm, name, target, actor=me, format="jsonl", fields=["id"])
        except Forbidden:
            target = io.BytesIO()
        found[name] = {json.loads(line)["id"] for line in target.getvalue().splitlines()} & world.known(name)
        expected[name] = world.reached(name, "read", access) & world.reached(name, "export", access)

    assert found == expected


async def test_upserts_of_what_is_out_of_reach(world: World, access: Access, me: Actor) -> None:
    """Knowing a record's key is not enough to change it."""
    before = await everything(world)
    written = []
    for name, entity in world.crm.entities.items():
        for key in entity.keys:
            for variant in VARIANTS:
                row = world.rows[name, variant]
                if world.id(name, variant) in world.reached(name, "update", access) or any(
                    row.get(c) is None for c in key.columns
                ):
                    continue
                values = {column: row[column] for column in key.columns}
                try:
                    await world.crm.run(me, lambda work, n=name, v=values, k=key.name: actions.upsert(work, n, v, on=k))
                except Refusal:
                    continue
                written.append((name, variant))

    assert written == []
    assert await everything(world) == before


async def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    """Read all rows of all entities, past all rules."""
    return {
        name: await world.crm.database.fetch_dicts(f"select * from {entity.tablename} order by id")
        for name, entity in world.crm.entities.items()
    }
