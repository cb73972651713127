"""Plain Strawberry resolvers beside, below and around what the planner reads."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import pytest
import strawberry
from strawberry import Parent

from crmcore.access.actor import NOTHING, Actor, ActorType
from crmcore.contributions import Extension, Listing
from crmcore.database.money import Money
from crmcore.entities import actions
from crmcore.entities.action import RecordRef, Ref
from crmcore.errors import Forbidden
from crmcore.graphql.requests.context import Context
from crmcore.graphql.types.problem import Problem
from tests.graphql.conftest import WorldCrm

Info = strawberry.Info[Context, None]
Gadget = Annotated[RecordRef, Ref("gadget")]
calls: list[list[UUID]] = []


async def _lengths(keys: list[UUID]) -> list[int]:
    calls.append(keys)
    return [len(str(key)) for key in keys]


@strawberry.type(description="What luck brings.")
class Luck:
    number: int = strawberry.field(description="The number.")
    gadget: Gadget | None = strawberry.field(description="The gadget.")
    things: list[Annotated[RecordRef, Ref("*")]] = strawberry.field(description="The things.")


@strawberry.field(description="A number for a gadget.")
async def length(
    gadget: Parent[RecordRef], info: Info, plus: Annotated[int, strawberry.argument(description="More.")] = 0
) -> int:
    return await info.context.load(_lengths, gadget.id) + plus


@strawberry.field(description="What a gadget costs.")
def costs(gadget: Parent[RecordRef]) -> list[Money] | None:
    return [Money(1234, "EUR"), Money(77, "JPY")]


@strawberry.field(description="Refuses.")
def refused(gadget: Parent[RecordRef]) -> int | None:
    msg = "Not you."
    raise Forbidden(msg)


@strawberry.field(description="Breaks.")
def broken(gadget: Parent[RecordRef]) -> int | None:
    msg = "a secret of the inside"
    raise RuntimeError(msg)


async def _refs(info: Info) -> list[RecordRef]:
    rows = await info.context.crm.database.fetch("select id from gadget order by name")
    return [RecordRef("gadget", row[0]) for row in rows]


@strawberry.field(description="All gadgets.")
async def all_gadgets(info: Info) -> list[Gadget]:
    return await _refs(info)


@strawberry.field(description="Luck.")
async def luck(info: Info) -> Luck:
    refs = await _refs(info)
    return Luck(number=7, gadget=refs[0] if refs else None, things=refs)


@strawberry.field(description="Several lucks.")
async def lucks(info: Info) -> list[Luck]:
    return [Luck(number=i, gadget=r, things=[]) for i, r in enumerate(await _refs(info))]


@strawberry.field(description="Who asks.")
async def who(info: Info) -> str:
    await asyncio.sleep(0)
    return f"{info.context.actor.label} {info.context.request_id}"


@strawberry.mutation(description="Make a gadget, or not.")
async def make(info: Info, name: Annotated[str, strawberry.argument(description="Its name.")]) -> Gadget | Problem:
    async def unit(work: Any) -> Any:
        return await actions.create(work, "gadget", {"name": name})

    return RecordRef("gadget", (await info.context.crm.run(info.context.actor, unit))["id"])


EXTENSIONS = [
    *(Extension("Gadget", f, "luck") for f in (length, costs, refused, broken)),
    *(Extension("Query", f, "luck") for f in (all_gadgets, luck, lucks, who)),
    Extension("Mutation", make, "luck"),
]


@pytest.fixture
async def lucky(make_crm: Callable[..., Awaitable[WorldCrm]]) -> WorldCrm:
    """The world with a plugin's plain fields, a maker and two gadgets."""
    calls.clear()
    crm = await make_crm(
        extensions=EXTENSIONS,
        listings=[Listing("lamps", "gadget", "All lamps.", lambda t, _bind: f"{t}.name = 'Lamp'", "luck")],
    )
    maker = (await crm.data('mutation { createMaker(data: {name: "Ada"}) { ... on Maker { id } } }'))["createMaker"][
        "id"
    ]
    text = 'mutation ($m: ID!) { a: createGadget(data: {name: "Bed", makerId: $m}) { __typename } b: createGadget(data: {name: "Lamp", makerId: $m, size: VERY_LARGE}) { __typename } }'
    await crm.data(text, {"m": maker})
    return crm


async def test_a_plain_root(lucky: WorldCrm) -> None:
    """A root with a resolver knows who asks, and stands among planned roots in the order of the selection."""
    got = await lucky.data("{ a: gadgets { totalCount } who b: makers { totalCount } }")
    assert ([("a", {"totalCount": 2}), ("who", "Ana request-1"), ("b", {"totalCount": 1})]) == list(got.items())


async def test_a_plain_field_of_a_record(lucky: WorldCrm) -> None:
    """A field with a resolver is found below planned fields, gets its record, its arguments, and one batch."""
    text = """query ($p: Int) { gadgets(orderBy: {field: NAME}) { nodes { ...g } edges { node { maker { name } more: length(plus: $p) } } } }
        fragment g on Gadget { name length size }"""
    got = (await lucky.data(text, {"p": 1}))["gadgets"]
    assert [
        {"name": "Bed", "length": 36, "size": "SMALL"},
        {"name": "Lamp", "length": 36, "size": "VERY_LARGE"},
    ] == got["nodes"]
    assert [{"node": {"maker": {"name": "Ada"}, "more": 37}}] * 2 == got["edges"]
    assert [2] == [len(keys) for keys in calls]


async def test_a_plain_field_gives_amounts(lucky: WorldCrm) -> None:
    """A resolver's `Money` is the schema's."""
    got = await lucky.data("{ gadgets(first: 1) { nodes { costs { amount currency } } } }")

    costs = [{"amount": "12.34", "currency": "EUR"}, {"amount": "77", "currency": "JPY"}]
    assert [{"costs": costs}] == got["gadgets"]["nodes"]


async def test_a_plain_field_in_a_timeline(lucky: WorldCrm) -> None:
    """Its entries are a union, which the executor completes of what the planner read."""
    [lamp, _] = (await lucky.data("{ gadgets(orderBy: {field: NAME, direction: DESC}) { nodes { id } } }"))["gadgets"][
        "nodes"
    ]
    await lucky.data(
        'mutation ($id: ID!) { createNote(data: {text: "Bright.", subjectId: $id}) { __typename } }', {"id": lamp["id"]}
    )
    text = """query ($id: ID!) { gadget(id: $id) { length timeline {
        edges { kind node { __typename ... on Node { id } ... on Note { subject { ... on Gadget { name length } } } } } } } }"""
    [edge] = (await lucky.data(text, lamp))["gadget"]["timeline"]["edges"]
    assert edge["node"].pop("id").startswith("note_")
    assert {"kind": "NOTED", "node": {"__typename": "Note", "subject": {"name": "Lamp", "length": 36}}} == edge


async def test_values_pass_through_the_executor(lucky: WorldCrm) -> None:
    """All kinds of values are the same with a plain field beside them as without."""
    fields = """id version createdAt createdBy { type label actorId } size isNew price { amount currency } serial weight
        soldAt madeOn extra billingCurrency maker { __typename id } notes { totalCount pageInfo { hasNextPage } }"""
    await lucky.data(
        """mutation { createGadget(data: {name: "Z", price: {amount: "1.50", currency: "EUR"}, serial: "9007199254740993",
        weight: 1.25, soldAt: "2026-01-31T09:30:00Z", madeOn: "2026-01-31", extra: {a: [1, null]}, billingCurrency: "JPY"})
        { __typename } }"""
    )
    plain = await lucky.data("{ gadgets { nodes { " + fields + " length } } }")
    planned = await lucky.data("{ gadgets { nodes { " + fields + " } } }")
    assert planned["gadgets"]["nodes"] == [
        {k: v for k, v in n.items() if k != "length"} for n in plain["gadgets"]["nodes"]
    ]


async def test_a_plain_field_below_node(lucky: WorldCrm) -> None:
    """Behind an interface, records are resolved to their types."""
    ids_ = [n["id"] for n in (await lucky.data("{ gadgets { nodes { id } } }"))["gadgets"]["nodes"]]
    got = await lucky.data(
        "query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Gadget { name length } } }",
        {"ids": [*ids_, ids_[0]]},
    )
    assert ["Lamp", "Bed", "Lamp"] == [n["name"] for n in got["nodes"]]
    assert {36} == {n["length"] for n in got["nodes"]}
    assert ["id", "__typename", "name", "length"] == list(got["nodes"][0])


async def test_records_of_a_resolver(lucky: WorldCrm) -> None:
    """References are read as selected, by one statement for each place."""
    got = await lucky.data(
        "{ allGadgets { name maker { gadgets { totalCount } } length } lucks { number gadget { name } } }"
    )
    assert [("Bed", 36, 2), ("Lamp", 36, 2)] == [
        (g["name"], g["length"], g["maker"]["gadgets"]["totalCount"]) for g in got["allGadgets"]
    ]
    assert [{"number": 0, "gadget": {"name": "Bed"}}, {"number": 1, "gadget": {"name": "Lamp"}}] == got["lucks"]


async def test_records_of_any_type(lucky: WorldCrm) -> None:
    """References behind Node show their own type's fields."""
    got = await lucky.data(
        "{ luck { number gadget { id } things { __typename ... on Gadget { name } ... on Maker { id } } } }"
    )
    assert [{"__typename": "Gadget", "name": "Bed"}, {"__typename": "Gadget", "name": "Lamp"}] == got["luck"]["things"]


async def test_row_rules_bind_resolvers(lucky: WorldCrm) -> None:
    """A resolver cannot show what the actor may not see: null where that can be, an error where not."""
    nobody = Actor(ActorType.USER, "user_2", "Nobody", access=NOTHING)
    assert {"luck": {"gadget": None}} == await lucky.data("{ luck { gadget { name } } }", actor=nobody)
    answer = await lucky.answer("{ allGadgets { name } }", actor=nobody)
    assert answer["data"] is None


async def test_a_plain_field_that_refuses(lucky: WorldCrm) -> None:
    """A refusal is an error with its code, at its place; a bug is an incident."""
    answer = await lucky.answer("{ gadgets(first: 1) { nodes { name refused broken } } }")
    assert {"gadgets": {"nodes": [{"name": "Lamp", "refused": None, "broken": None}]}} == answer["data"]
    by_path = {e["path"][-1]: e for e in answer["errors"]}
    assert ("Not you.", "FORBIDDEN") == (by_path["refused"]["message"], by_path["refused"]["extensions"]["code"])
    assert ("Internal error.", "INTERNAL") == (by_path["broken"]["message"], by_path["broken"]["extensions"]["code"])


@pytest.mark.parametrize("root", ['gadget(id: "x")', 'gadgets(after: "x") { nodes'])
async def test_errors_of_the_planner(lucky: WorldCrm, root: str) -> None:
    """What the planner cannot read is the same null and the same errors, with a plain field below it as without."""
    end = "} " * root.count("{")
    planned = await lucky.answer("{ " + root + " { name } " + end + "}")
    plain = await lucky.answer("{ " + root + " { length } " + end + "}")
    assert planned["errors"]
    assert (planned["data"], [e["message"] for e in planned["errors"]]) == (
        plain["data"],
        [e["message"] for e in plain["errors"]],
    )


async def test_a_plain_mutation(lucky: WorldCrm) -> None:
    """A mutation with a resolver is done in its turn; its record is read, its refusal is a problem."""
    text = """mutation { a: make(name: "New") { ...r } b: createGadget(data: {name: "Newer"}) { ...r } c: make(name: "forbidden") { ...r } }
        fragment r on GadgetResult { __typename ... on Gadget { name length } ... on Problem { code } }"""
    expected = {
        "a": {"__typename": "Gadget", "name": "New", "length": 36},
        "b": {"__typename": "Gadget", "name": "Newer", "length": 36},
        "c": {"__typename": "Problem", "code": "VALIDATION"},
    }
    assert expected == await lucky.data(text)


async def test_a_plain_field_in_a_batch(lucky: WorldCrm) -> None:
    """A plain field below a batch's records is found there too."""
    text = """mutation { createGadgets(data: [{name: "A"}, {name: "forbidden"}], mode: PARTIAL) { ... on GadgetBatch {
        failed results { index record { name length } problem { code violations { path } } } } } }"""
    expected = [
        {"index": 0, "record": {"name": "A", "length": 36}, "problem": None},
        {"index": 1, "record": None, "problem": {"code": "VALIDATION", "violations": [{"path": "data.1.name"}]}},
    ]
    assert expected == (await lucky.data(text))["createGadgets"]["results"]


async def test_a_listing(lucky: WorldCrm) -> None:
    """A plugin's list is planned: its condition holds, its arguments work."""
    got = await lucky.data("{ lamps(first: 5) { totalCount nodes { name } } }")
    assert {"totalCount": 1, "nodes": [{"name": "Lamp"}]} == got["lamps"]


async def test_routes_are_forgotten_with_their_operations(lucky: WorldCrm) -> None:
    """An operation that leaves the cache leaves nothing behind: its route is noted at the operation."""
    text = "{ who gadgets { nodes { length } } }"
    await lucky.data(text)
    operation = weakref.ref(lucky.documents.get(text))
    noted = [*operation().notes] if operation() else []
    lucky.documents.cache._values.clear()
    gc.collect()

    assert (True, None) == (lucky.schema in noted, operation())


async def test_an_error_in_a_record_of_a_resolver_nulls_no_more_than_it_must(lucky: WorldCrm) -> None:
    """As if all had been resolvers: the nearest field that may be null, for each record, with its path from the top."""
    bad = "gadgets(first: -1) { totalCount }"
    answer = await lucky.answer(
        f"{{ lucks {{ number gadget {{ name notes(first: -1) {{ totalCount }} }} }} allGadgets {{ name maker {{ {bad} }} }} }}"
    )
    assert answer["data"] == {
        "lucks": [{"number": 0, "gadget": None}, {"number": 1, "gadget": None}],
        "allGadgets": [{"name": "Bed", "maker": None}, {"name": "Lamp", "maker": None}],
    }
    paths = [["lucks", n, "gadget", "notes"] for n in (0, 1)] + [["allGadgets", n, "maker", "gadgets"] for n in (0, 1)]
    assert sorted(map(str, paths)) == sorted(str(e["path"]) for e in answer["errors"])
    assert {"VALIDATION"} == {e["extensions"]["code"] for e in answer["errors"]}
