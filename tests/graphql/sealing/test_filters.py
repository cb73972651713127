"""Filters on sealed fields: what they find, what they count, and what they refuse."""

from __future__ import annotations

import io
from typing import Any

import pytest

from crmcore.access.actor import Actor, Effect, Scope
from crmcore.errors import Invalid
from crmcore.interchange.exports.run import export
from crmcore.testing.crm import TestCrm
from tests.graphql.scene import Scene
from tests.graphql.sealing.conftest import TOY, People, key

_LIST = """query ($filter: CustomerFilter, $first: Int, $after: String) {
    customers(filter: $filter, orderBy: [{field: CREATED_AT}], first: $first, after: $after) {
        nodes { givenName } totalCount pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture(params=["before", "within", "within, with others"])
async def looked_up(request: pytest.FixtureRequest, people: People) -> str:
    """Values are looked up before the statement or within it; what that finds may be too much."""
    way: str = request.param
    for seal in TOY.seals.values():
        seal.within = way != "before"
    if way == "within, with others":
        TOY.seals["customer"].beside = tuple(people.ids.values())
    return way


async def _found(people: People, filter: dict[str, Any]) -> list[str]:
    page = (await people.ask(_LIST, {"filter": filter}))["customers"]
    names = [node["givenName"] for node in page["nodes"]]
    assert len(names) == page["totalCount"]
    return names


@pytest.mark.usefixtures("looked_up")
@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"givenName": {"eq": "Ana"}}, ["Ana"]),
        ({"givenName": {"eq": "nobody"}}, []),
        ({"givenName": {"ne": "Ana"}}, ["Bob", "李"]),
        ({"familyName": {"ne": "Sousa"}}, ["Bob", "李"]),
        ({"familyName": {"eq": None}}, ["李"]),
        ({"familyName": {"ne": None}}, ["Ana", "Bob"]),
        ({"givenName": {"in": ["Ana", "李", "x"]}}, ["Ana", "李"]),
        ({"givenName": {"in": []}}, []),
        ({"givenName": {"notIn": []}}, ["Ana", "Bob", "李"]),
        ({"familyName": {"notIn": ["Sousa", "x"]}}, ["Bob", "李"]),
        ({"familyName": {"isNull": True}}, ["李"]),
        ({"familyName": {"isNull": False}}, ["Ana", "Bob"]),
        ({"familyName": {"isNull": None}}, ["Ana", "Bob", "李"]),
        ({"givenName": {"startsWith": "B"}}, ["Bob"]),
        ({"gender": {"eq": "FEMALE"}}, ["Ana"]),
        ({"gender": {"in": ["FEMALE", "MALE"]}}, ["Ana", "Bob"]),
        ({"gender": {"ne": "FEMALE"}}, ["Bob", "李"]),
        ({"birthDate": {"eq": "1984-05-06"}}, ["Ana"]),
        ({"birthDate": {"notIn": ["1984-05-06"]}}, ["Bob", "李"]),
        ({"not": {"givenName": {"eq": "Ana"}}}, ["Bob", "李"]),
        ({"not": {"givenName": {"ne": "Ana"}}}, ["Ana"]),
        ({"or": [{"givenName": {"eq": "Ana"}}, {"gender": {"eq": "MALE"}}]}, ["Ana", "Bob"]),
        ({"and": [{"givenName": {"ne": "Ana"}}, {"gender": {"isNull": False}}]}, ["Bob"]),
        ({"givenName": {"eq": "Ana", "ne": "Bob"}, "gender": {"eq": "FEMALE"}}, ["Ana"]),
    ],
)
async def test_a_filter_finds_what_it_would_find_of_plain_values(
    people: People, filter: dict[str, Any], found: list[str]
) -> None:
    """Each operator, alone and under `and`, `or`, `not`; the count is right too."""
    assert found == await _found(people, filter)


@pytest.mark.usefixtures("looked_up")
async def test_filters_on_records_that_are_linked(people: People) -> None:
    """`some`, `none`, `every`, and a link to one record."""
    crm = people.crm
    for name, value in (("Ana", "ana@example.com"), ("Ana", "old@example.com"), ("Bob", "bob@example.com")):
        await crm.make("contact_point", customer_id=people.ids[name], type="EMAIL", value=value)
    assert ["Ana"] == await _found(people, {"contactPoints": {"some": {"value": {"eq": "old@example.com"}}}})
    assert ["Bob", "李"] == await _found(people, {"contactPoints": {"none": {"value": {"startsWith": "old@"}}}})
    assert ["Bob", "李"] == await _found(people, {"contactPoints": {"every": {"value": {"eq": "bob@example.com"}}}})
    text = '{ contactPoints(filter: {customer: {givenName: {eq: "Bob"}}}) { nodes { value } } }'
    assert [{"value": "bob@example.com"}] == (await people.ask(text))["contactPoints"]["nodes"]


@pytest.mark.usefixtures("looked_up")
async def test_pages_of_what_was_found(people: People) -> None:
    """The page is cut after the values were compared, and the next one goes on where it ended."""
    filter = {"givenName": {"in": ["Ana", "李"]}}
    page = (await people.ask(_LIST, {"filter": filter, "first": 1}))["customers"]
    assert ([{"givenName": "Ana"}], 2, True) == (page["nodes"], page["totalCount"], page["pageInfo"]["hasNextPage"])
    after = page["pageInfo"]["endCursor"]
    page = (await people.ask(_LIST, {"filter": filter, "first": 1, "after": after}))["customers"]
    assert ([{"givenName": "李"}], 2, False) == (page["nodes"], page["totalCount"], page["pageInfo"]["hasNextPage"])


@pytest.mark.usefixtures("looked_up")
async def test_nested_lists_and_figures_are_filtered_by_sealed_values(people: People) -> None:
    """Each list by what it asks; the statement is still one."""
    crm = people.crm
    for value in ("a@example.com", "b@example.com"):
        await crm.make("contact_point", customer_id=people.ids["Ana"], type="EMAIL", value=value)
    text = """query ($id: ID!, $value: String!) { customer(id: $id) {
        contactPoints(filter: {value: {eq: $value}}) { nodes { value } totalCount aggregate { count } } } }"""
    shown = await people.ask(text, {"id": key(people.ids["Ana"]), "value": "b@example.com"})
    points = {"nodes": [{"value": "b@example.com"}], "totalCount": 1, "aggregate": {"count": 1}}
    assert points == shown["customer"]["contactPoints"]


@pytest.mark.usefixtures("looked_up")
async def test_groups_are_filtered_by_sealed_values(people: People) -> None:
    """Counts of groups are of what was found."""
    text = '{ customersGroupBy(groupBy: [{field: STATUS}], filter: {gender: {ne: "x"}}) { aggregate { count } } }'
    text = text.replace('"x"', "MALE")
    assert [{"aggregate": {"count": 2}}] == (await people.ask(text))["customersGroupBy"]


async def test_a_plan_is_kept_whatever_is_looked_for(people: People) -> None:
    """Values are no part of it."""
    await _found(people, {"givenName": {"eq": "Ana"}})
    misses = people.crm.planner.plans.misses
    await _found(people, {"givenName": {"eq": "Bob"}})
    assert misses == people.crm.planner.plans.misses


async def test_row_rules_hold_beside_what_was_found(crm: TestCrm) -> None:
    """Somebody who sees their own records finds no others."""
    scene = await Scene(crm).set_up()
    for owner in (scene.ana, scene.bob):
        row = {"kind": "PERSON", "given_name": "Eve", "owner_id": owner}
        await scene.create("customer", **row)
    by = scene.reader(Scope.OWN)
    assert (
        1
        == (await scene.ask('{ customers(filter: {givenName: {eq: "Eve"}}) { totalCount } }', by=by))["customers"][
            "totalCount"
        ]
    )
    assert (
        0
        == (await scene.ask('{ customers(filter: {givenName: {ne: "Eve"}}) { totalCount } }', by=by))["customers"][
            "totalCount"
        ]
    )


async def test_nobody_looks_for_what_they_may_not_see(crm: TestCrm) -> None:
    """A masked field is refused as a filter, before anything is looked up."""
    scene = await Scene(crm).set_up()
    answer = await crm.execute(
        '{ customers(filter: {givenName: {eq: "Eve"}}) { totalCount } }',
        actor=scene.reader(Scope.ALL, givenName=Effect.MASKED),
    )
    assert "FORBIDDEN" == answer["errors"][0]["extensions"]["code"]


async def test_a_look_up_that_is_refused_is_the_error_of_its_field_alone(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More records may match than are looked at: the other fields are answered, and the path says which operator."""

    async def find(*_: Any, **__: Any) -> Any:
        raise Invalid.at("", "TOO_MANY_MATCHES", "Too many.")

    monkeypatch.setattr(TOY.seals["customer"], "find", find)
    answer = await people.crm.execute(
        '{ n: node(id: "customer_01900000-0000-7000-8000-000000000000") { id } customers(filter: {givenName: {eq: "Ana"}}) { totalCount } }'
    )
    (error,) = answer["errors"]
    assert (["customers"], "TOO_MANY_MATCHES") == (error["path"], error["extensions"]["violations"][0]["code"])


async def test_a_beginning_that_is_empty_is_refused(people: People) -> None:
    """Every value begins so; `isNull` says that in other words."""
    refusal = await people.refusal(_LIST, {"filter": {"givenName": {"startsWith": ""}}})
    assert ("EMPTY_PREFIX", True) == (refusal["code"], "isNull: false" in refusal["message"])
    refusal = await people.refusal(_LIST, {"filter": {"givenName": {"in": None}}})
    assert "NULL" == refusal["code"]


async def test_what_is_equal_once_is_looked_up_once(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often the list's rows are named in the statement: page, count, figures, what lies beyond."""
    looked: list[Any] = []
    find = TOY.seals["customer"].find

    async def counted(database: Any, column: str, values: Any, *, prefix: bool = False) -> Any:
        looked.append((column, list(values), prefix))
        return await find(database, column, values, prefix=prefix)

    monkeypatch.setattr(TOY.seals["customer"], "find", counted)
    page = await people.ask(_LIST, {"filter": {"givenName": {"in": ["Ana", "Bob"]}}, "first": 1})
    assert 2 == page["customers"]["totalCount"]
    assert [("given_name", ["Ana", "Bob"], False)] == looked


async def test_an_export_is_filtered_by_sealed_values(people: People) -> None:
    """It shows them open to whom they are shown, as a list would."""
    target = io.BytesIO()
    fields = ["givenName", "birthDate"]
    count = await export(
        people.crm, "customer", target, actor=Actor.system(), filter={"givenName": {"eq": "Ana"}}, fields=fields
    )
    assert (1, "givenName,birthDate\r\nAna,1984-05-06\r\n") == (count, target.getvalue().decode())


async def test_an_endpoint_cannot_be_filtered_by_sealed_values(people: People) -> None:
    """Events are judged by the record as it was, of which nothing can be looked up: refused when it is declared."""
    text = """mutation ($filter: JSON) { createWebhookEndpoint(
        url: "https://example.com/x", eventTypes: ["customer.*"], filter: $filter) {
        __typename ... on Problem { violations { code message } } } }"""
    made = await people.ask(text, {"filter": {"customer": {"givenName": {"eq": "Ana"}}}}, as_="admin")
    (violation,) = made["createWebhookEndpoint"]["violations"]
    assert "Customer.givenName is stored sealed" in violation["message"]
    made = await people.ask(text, {"filter": {"customer": {"givenName": {"isNull": False}}}}, as_="admin")
    assert "violations" not in made["createWebhookEndpoint"]


async def test_a_list_begins_with_what_was_found(people: People) -> None:
    """Not with an index of another condition: without statistics SQLite takes any for better than some ids."""
    crm = people.crm
    if crm.database.dialect != "sqlite":
        pytest.skip("PostgreSQL plans by how many ids there are.")
    operation = crm.documents.get(
        '{ contactPoints(filter: {type: {eq: EMAIL}, value: {eq: "x"}}) { totalCount nodes { id } } }'
    )
    explained = crm.planner.explain(operation, {}, Actor.system())
    steps = await crm.database.fetch(f"explain query plan {explained.sql}", "EMAIL", "[]")
    looks = [step[3] for step in steps if "SEARCH" in step[3]]
    assert ["SEARCH t1 USING INDEX sqlite_autoindex_contact_point_1 (id=?)"] == sorted(set(looks))
