"""No path leaks a field: every field that can be hidden or masked × path, generated from the declarations."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from crmcore.access.actor import ACTIONS, Actor, Effect, Scope
from crmcore.access.rights import HeldRole, combined, same_column
from crmcore.app import Crm
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import TEXT
from crmcore.interchange import export
from tests.access import matrix
from tests.access.matrix import VARIANTS, World


@pytest.fixture
async def world(crm: Crm) -> World:
    """Three rows of every entity."""
    return await matrix.populate(crm)


def is_null(field: f.Field) -> bool:
    return bool(getattr(field, "null", isinstance(field, f.One | f.AnyOne) and field.column is not None))


def fields(world: World, entity: Entity, effect: Effect) -> Iterator[f.Field]:
    """Return the fields of an entity that can have an effect."""
    every = world.crm.entities.fields(entity.name)
    for field in every.values():
        twins = [every[name] for name in same_column(world.crm.entities, entity.name, field.name)]
        if (
            effect is Effect.HIDDEN
            and isinstance(field, f.Scalar | f.Money | f.One | f.AnyOne)
            and all(map(is_null, twins))
        ) or (effect is Effect.MASKED and isinstance(field, f.Scalar) and field.kind is TEXT):
            yield field


def under(world: World, effect: Effect) -> Actor:
    """Make somebody who may do everything with all rows, and has the effect on every field that can have it."""
    entities = world.crm.entities
    rules = {(name, field.name): effect for name, entity in entities.items() for field in fields(world, entity, effect)}
    free = [name for name, entity in entities.items() if entity.guarded_by is None]
    role = HeldRole("r", "R", False, {f"{name}:{action}": Scope.ALL for name in free for action in ACTIONS}, rules)
    return world.actor(combined(entities, [role]))


def selected(field: f.Field) -> str:
    """Return how a query asks for a field."""
    if isinstance(field, f.Money):
        return f"{field.name} {{ amount currency }}"
    return f"{field.name} {{ id }}" if isinstance(field, f.One | f.AnyOne) else field.name


#: What masks leave: first characters, the ends of an address of mail, of a telephone number, of a number.
_MASK = re.compile(r".?(•••|\*{1,4})|.?\*{3}@.?\*{3}\.\w+|(\+\d+ )?\d{0,3}\*{4}\w{0,4}")


def is_shut(effect: Effect, value: Any) -> bool:
    """Say whether a value shows no more than it may."""
    return value is None or (effect is Effect.MASKED and _MASK.fullmatch(value) is not None)


EFFECTS = pytest.mark.parametrize("effect", [Effect.HIDDEN, Effect.MASKED])


async def ask(world: World, actor: Actor, text: str) -> dict[str, Any]:
    answer = await world.crm.execute(text, actor=actor)
    assert "errors" not in answer, (text, answer["errors"])
    return answer["data"]  # type: ignore[no-any-return]


@EFFECTS
async def test_records_do_not_show_it(world: World, effect: Effect) -> None:
    """By id, in lists and as nodes."""
    me = under(world, effect)
    open_ = []
    for name, entity in world.crm.entities.items():
        wanted = " ".join(selected(field) for field in fields(world, entity, effect)) or "id"
        id = world.id(name, "mine")
        data = await ask(
            world,
            me,
            f'{{ one: {entity.singular}(id: "{id}") {{ ...it }} list: {entity.plural}(first: 200) {{ nodes {{ ...it }} }} '
            f'node(id: "{id}") {{ ...it }} }} fragment it on {entity.type_name} {{ {wanted} }}',
        )
        for node in [data["one"], data["node"], *data["list"]["nodes"]]:
            open_ += [(name, field, v) for field, v in node.items() if field != "id" and not is_shut(effect, v)]

    assert open_ == []


@EFFECTS
async def test_relations_do_not_show_it(world: World, effect: Effect) -> None:
    """Whichever way a record is come to."""
    me = under(world, effect)
    open_ = []
    for entity in world.crm.entities.values():
        for relation in world.crm.entities.fields(entity.name).values():
            if isinstance(relation, f.One | f.Many):
                wanted = (
                    " ".join(selected(field) for field in fields(world, world.crm.entities[relation.target], effect))
                    or "id"
                )
                inner = f"{{ {wanted} }}" if isinstance(relation, f.One) else f"(first: 200) {{ nodes {{ {wanted} }} }}"
                data = await ask(
                    world, me, f"{{ list: {entity.plural}(first: 200) {{ nodes {{ {relation.name} {inner} }} }} }}"
                )
                for parent in data["list"]["nodes"]:
                    found = parent[relation.name] or {}
                    for node in found.get("nodes", [found]):
                        open_ += [
                            (relation.name, k, v) for k, v in node.items() if k != "id" and not is_shut(effect, v)
                        ]

    assert open_ == []


@EFFECTS
async def test_nobody_finds_out_by_filter_or_order(world: World, effect: Effect) -> None:
    """Filtering and ordering by what one may not see would tell what it is."""
    me = under(world, effect)
    let_through = []
    for entity in world.crm.entities.values():
        for kind, field in {type_and_kind(field): field for field in fields(world, entity, effect)}.items():
            tests = [f"filter: {{ {field.name}: {test} }}" for test in [probe(field)] if test]
            if isinstance(field, f.Scalar) and kind[1] not in ("json", "id"):
                upper = "".join(f"_{c}" if c.isupper() else c for c in field.name).upper()
                tests.append(f"orderBy: [{{ field: {upper} }}]")
            for test in tests:
                answer = await world.crm.execute(f"{{ {entity.plural}({test}) {{ totalCount }} }}", actor=me)
                codes = [e.get("extensions", {}).get("code") for e in answer.get("errors", [])]
                if codes != ["FORBIDDEN"]:
                    let_through.append((entity.name, test, answer))

    assert let_through == []


def type_and_kind(field: f.Field) -> tuple[str, str]:
    return type(field).__name__, field.kind.name if isinstance(field, f.Scalar) else ""


def probe(field: f.Field) -> str | None:
    """Return a filter that would tell something about a field."""
    if isinstance(field, f.One):
        return f'{{ id: {{ ne: "{field.target}_01900000-0000-7000-8000-000000000000" }} }}'
    if isinstance(field, f.Money):
        return '{ currency: { eq: "EUR" } }'
    return "{ isNull: false }" if isinstance(field, f.Scalar) else None


@EFFECTS
async def test_exports_do_not_show_it(world: World, effect: Effect) -> None:
    """Not even when the field is asked for by name."""
    me = under(world, effect)
    open_ = []
    for name, entity in world.crm.entities.items():
        asked = [field.name for field in fields(world, entity, effect) if isinstance(field, f.Scalar | f.Money)]
        target = io.BytesIO()
        await export(world.crm, name, target, actor=me, format="jsonl", fields=["id", *asked])
        for line in target.getvalue().splitlines():
            open_ += [(name, k, v) for k, v in json.loads(line).items() if k != "id" and not is_shut(effect, v)]

    assert open_ == []


@pytest.mark.parametrize("effect", Effect)
async def test_it_is_not_written(world: World, effect: Effect) -> None:
    """Neither on create nor on update; what a mutation gives back does not show it either."""
    entities = world.crm.entities
    seen = Effect.MASKED if effect is Effect.READ_ONLY else effect
    role = {(n, field.name): effect for n, e in entities.items() for field in fields(world, e, seen)}
    scopes = {f"{n}:{a}": Scope.ALL for n, e in entities.items() if e.guarded_by is None for a in ACTIONS}
    me = world.actor(combined(entities, [HeldRole("r", "R", False, scopes, role)]))
    written = []
    for name in ("customer", "deal", "interaction", "team"):
        for field in fields(world, entities[name], seen):
            if isinstance(field, f.Scalar) and field.kind is TEXT and field.facts.write.value == "always":
                type_name = entities[name].type_name
                text = (
                    f'mutation {{ done: update{type_name}(id: "{world.id(name, VARIANTS[0])}", data: {{ {field.name}: "EUR" }}) '
                    f"{{ ... on Problem {{ violations {{ path code }} }} }} }}"
                )
                done = (await ask(world, me, text))["done"]
                if {"path": f"data.{field.name}", "code": "FIELD_FORBIDDEN"} not in done.get("violations", []):
                    written.append((name, field.name, done))

    assert written == []


@EFFECTS
async def test_what_a_mutation_gives_back_does_not_show_it(world: World, effect: Effect) -> None:
    """The payload is read under the same rules."""
    me = under(world, effect)
    open_ = []
    for name in ("customer", "deal", "interaction", "contact_point"):
        entity = world.crm.entities[name]
        wanted = " ".join(selected(field) for field in fields(world, entity, effect))
        text = f'mutation {{ done: update{entity.type_name}(id: "{world.id(name, "mine")}", data: {{}}) {{ ... on {entity.type_name} {{ {wanted} }} }} }}'
        done = (await ask(world, me, text))["done"]
        open_ += [(name, k, v) for k, v in done.items() if not is_shut(effect, v)]

    assert open_ == []
