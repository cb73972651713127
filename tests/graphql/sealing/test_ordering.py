"""Lists in the order of sealed values: opened, sorted, and paged as any other."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from crmcore.access.actor import Effect, Scope
from crmcore.testing.crm import TestCrm
from tests.graphql.scene import Scene
from tests.graphql.sealing.conftest import SORTABLE, TOY, People, key

_LIST = """query ($order: [CustomerOrder!], $filter: CustomerFilter, $first: Int, $after: String, $last: Int, $before: String) {
    customers(orderBy: $order, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { givenName } } totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


@pytest.fixture
async def many(people: People) -> People:
    """Six customers, of whom two have no family name and two one that differs in its capitals alone."""
    await people.add("Eva", "Álvares", birth_date=date(2001, 1, 1))
    await people.add("Zoe", "adams", birth_date=date(1950, 1, 1))
    await people.add("Max")
    return people


async def _page(people: People, *order: dict[str, str], **given: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await people.ask(_LIST, {"order": list(order), **given}))["customers"]
    return {**page, "names": [edge["node"]["givenName"] for edge in page["edges"]]}


_BY_FAMILY = {"field": "FAMILY_NAME"}


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ([{"field": "FAMILY_NAME"}, {"field": "CREATED_AT"}], ["Zoe", "Ana", "Bob", "Eva", "李", "Max"]),
        (
            [{"field": "FAMILY_NAME", "direction": "DESC"}, {"field": "CREATED_AT"}],
            ["李", "Max", "Eva", "Bob", "Ana", "Zoe"],
        ),
        (
            [{"field": "FAMILY_NAME", "nulls": "FIRST"}, {"field": "CREATED_AT"}],
            ["李", "Max", "Zoe", "Ana", "Bob", "Eva"],
        ),
        ([{"field": "BIRTH_DATE"}, {"field": "CREATED_AT"}], ["Zoe", "Ana", "Bob", "Eva", "李", "Max"]),
        ([{"field": "GIVEN_NAME"}], ["Ana", "Bob", "Eva", "Max", "Zoe", "李"]),
        (
            [{"field": "GENDER"}, {"field": "GIVEN_NAME", "direction": "DESC"}],
            ["Ana", "Bob", "李", "Zoe", "Max", "Eva"],
        ),
    ],
)
async def test_a_list_is_ordered_by_what_is_sealed(many: People, order: list[dict[str, str]], names: list[str]) -> None:
    """Texts by case folding, then by code point; dates as dates; nulls as everywhere; several keys."""
    assert names == (await _page(many, *order))["names"]


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_every_record_is_on_one_page_forwards_and_backwards(many: People, size: int, direction: str) -> None:
    """In the same order; equal values are told apart by the keys that follow."""
    order = [{"field": "FAMILY_NAME", "direction": direction}]
    whole = (await _page(many, *order))["names"]
    forwards: list[str] = []
    page = await _page(many, *order, first=size)
    while True:
        forwards += page["names"]
        assert page["pageInfo"]["hasPreviousPage"] is (len(forwards) > len(page["names"]))
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = await _page(many, *order, first=size, after=page["pageInfo"]["endCursor"])
    assert whole == forwards
    backwards: list[str] = []
    page = await _page(many, *order, last=size)
    while True:
        backwards = page["names"] + backwards
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        page = await _page(many, *order, last=size, before=page["pageInfo"]["startCursor"])
    assert whole == backwards


async def test_a_cursor_holds_no_value(many: People) -> None:
    """A fingerprint and ids."""
    page = await _page(many, _BY_FAMILY)
    for edge, name in zip(page["edges"], page["names"], strict=True):
        _, first, last = json.loads(bytes.fromhex(edge["cursor"]))
        assert str(many.ids[name]) == last
        assert first == (None if name in ("李", "Max") else last)


async def test_a_cursor_follows_its_record(many: People) -> None:
    """The page goes on after the place where the record is now."""
    page = await _page(many, {"field": "GIVEN_NAME"}, first=1)
    change = 'mutation ($id: ID!) { updateCustomer(id: $id, data: {givenName: "Yan"}) { __typename } }'
    await many.ask(change, {"id": key(many.ids["Ana"])})
    page = await _page(many, {"field": "GIVEN_NAME"}, after=page["pageInfo"]["endCursor"])
    assert ["Zoe", "李"] == page["names"]


async def test_a_cursor_whose_record_is_gone_is_refused(many: People) -> None:
    """With the way out; one of another order as well."""
    page = await _page(many, {"field": "GIVEN_NAME"}, first=1)
    after = page["pageInfo"]["endCursor"]
    refusal = await many.refusal(_LIST, {"order": [_BY_FAMILY], "after": after})
    assert "CURSOR_OF_ANOTHER_ORDER" == refusal["code"]
    await many.ask("mutation ($id: ID!) { deleteCustomer(id: $id) { __typename } }", {"id": key(many.ids["Ana"])})
    refusal = await many.refusal(_LIST, {"order": [{"field": "GIVEN_NAME"}], "after": after})
    assert ("CURSOR_RECORD_GONE", True) == (refusal["code"], "start again" in refusal["message"])


async def test_more_records_than_can_be_sorted_are_refused(many: People) -> None:
    """Those that have a value and that the filter leaves; nothing was opened."""
    await many.add("Kim", "Kim")
    await many.add("Lee", "Lee")
    assert 6 == len([name for name in many.ids if name not in ("李", "Max")])
    await many.add("Moe", "Moe")
    refusal = await many.refusal(_LIST, {"order": [_BY_FAMILY]})
    assert ("TOO_MANY_TO_SORT", ["customers"]) == (refusal["code"], refusal["path"])
    assert f"More than {SORTABLE}" in refusal["message"]
    filtered = {"filter": {"givenName": {"in": ["Moe", "Kim", "Lee"]}}}
    assert ["Kim", "Lee", "Moe"] == (await _page(many, _BY_FAMILY, **filtered))["names"]


async def test_a_page_is_read_by_two_statements(many: People) -> None:
    """One for the values that are sorted, one for the answer; what is sorted is not read for anybody."""
    TOY.seals["customer"].opened.clear()
    with many.crm.assert_queries(2):
        await _page(many, _BY_FAMILY, first=1)
    sorting, shown = TOY.seals["customer"].opened
    assert ((4, None), 1) == ((len(sorting[0]), sorting[1]), len(shown[0]))


async def test_a_list_of_which_only_the_length_is_asked_is_not_sorted(many: People) -> None:
    """Neither read nor refused."""
    TOY.seals["customer"].opened.clear()
    await many.ask("{ customers(orderBy: [{field: FAMILY_NAME}]) { totalCount } }")
    assert [] == TOY.seals["customer"].opened


async def test_a_list_is_ordered_by_a_linked_record(many: People) -> None:
    """Contact points by the names of their customers; where there is none stands last."""
    for name in ("Bob", "Ana", "Zoe"):
        value = f"{name}@example.com"
        await many.crm.make("contact_point", customer_id=many.ids[name], type="EMAIL", value=value)
    text = """query ($after: String) { contactPoints(orderBy: [{customer: {field: GIVEN_NAME}}], first: 2, after: $after) {
        nodes { value } pageInfo { endCursor } } }"""
    page = (await many.ask(text))["contactPoints"]
    assert ["Ana@example.com", "Bob@example.com"] == [node["value"] for node in page["nodes"]]
    page = (await many.ask(text, {"after": page["pageInfo"]["endCursor"]}))["contactPoints"]
    assert ["Zoe@example.com"] == [node["value"] for node in page["nodes"]]


async def test_who_is_erased_stands_where_those_without_a_value_stand(many: People) -> None:
    """And a cursor at their place works."""
    TOY.destroyed.add(many.ids["Ana"])
    page = await _page(many, _BY_FAMILY, {"field": "CREATED_AT"})
    assert ["Zoe", "Bob", "Eva", "«erased»", "李", "Max"] == page["names"]
    page = await _page(many, _BY_FAMILY, {"field": "CREATED_AT"}, after=page["edges"][3]["cursor"])
    assert ["李", "Max"] == page["names"]


async def test_only_what_one_may_read_is_sorted(crm: TestCrm) -> None:
    """Records of others neither count nor are opened; a masked field is no order."""
    scene = await Scene(crm).set_up()
    for owner, name in ((scene.ana, "Own"), *((scene.bob, f"Other {n}") for n in range(SORTABLE + 1))):
        await scene.create("customer", kind="PERSON", given_name=name, owner_id=owner)
    text = "{ customers(orderBy: [{field: GIVEN_NAME}]) { nodes { givenName } } }"
    shown = await scene.ask(text, by=scene.reader(Scope.OWN))
    assert [{"givenName": "Own"}] == shown["customers"]["nodes"]
    answer = await crm.execute(text, actor=scene.reader(Scope.OWN, givenName=Effect.MASKED))
    assert "FORBIDDEN" == answer["errors"][0]["extensions"]["code"]
