"""Sealed values in answers: opened for whoever may read them, in one call for each entity."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore import clock
from crmcore.access.actor import EVERYTHING, Actor, ActorType
from crmcore.database import instants
from tests.graphql.sealing.conftest import TOY, People, key

_PAGE = (
    """{ customers(orderBy: [{field: CREATED_AT}]) { nodes { givenName familyName gender birthDate customFields } } }"""
)


#: Somebody who may do everything.
ANA = Actor(ActorType.USER, "user_1", "Ana", access=EVERYTHING)


def _calls(entity: str = "customer") -> list[int]:
    return [len(cells) for cells, _ in TOY.seals[entity].opened]


async def test_a_page_shows_sealed_values_of_every_kind(people: People) -> None:
    """Texts, choices and dates as if they were not sealed; null stays null; the database has none of them."""
    nodes = (await people.ask(_PAGE))["customers"]["nodes"]
    assert [
        {
            "givenName": "Ana",
            "familyName": "Sousa",
            "gender": "FEMALE",
            "birthDate": "1984-05-06",
            "customFields": None,
        },
        {"givenName": "Bob", "familyName": "sousa", "gender": "MALE", "birthDate": "1990-01-02", "customFields": None},
        {"givenName": "李", "familyName": None, "gender": None, "birthDate": None, "customFields": None},
    ] == nodes
    stored = await people.crm.database.fetch("select cast(given_name as text), cast(birth_date as text) from customer")
    assert all(value is None or value.startswith("crm1:") for row in stored for value in row)


async def test_all_values_of_an_answer_are_opened_in_one_call_for_each_entity(people: People) -> None:
    """Whatever lists, roots, aliases and links they are reached by."""
    await people.crm.make("contact_point", customer_id=people.ids["Ana"], type="EMAIL", value="ana@example.com")
    for seal in TOY.seals.values():
        seal.opened.clear()
    data = await people.ask(
        """query ($id: ID!) {
            customer(id: $id) { givenName again: givenName contactPoints { nodes { value customer { familyName } } } }
            customers(first: 2, orderBy: [{field: CREATED_AT}]) { edges { node { displayName } } totalCount }
            none: customers(filter: {industry: {eq: "none"}}) { nodes { displayName } }
        }""",
        {"id": key(people.ids["Ana"])},
    )
    point = {"value": "ana@example.com", "customer": {"familyName": "Sousa"}}
    assert {"givenName": "Ana", "again": "Ana", "contactPoints": {"nodes": [point]}} == data["customer"]
    assert ["Ana Sousa", "Bob sousa"] == [edge["node"]["displayName"] for edge in data["customers"]["edges"]]
    assert [] == data["none"]["nodes"]
    assert ([5], [1]) == (_calls(), _calls("contact_point"))


async def test_nothing_is_opened_where_nothing_sealed_is_selected(people: People) -> None:
    """Neither fields beside sealed ones nor counts cost anything."""
    await people.ask("{ customers { nodes { id status } totalCount } }")
    assert [] == _calls()


async def test_who_reads_is_told(people: People) -> None:
    """With the request's id, as the log of reads needs it; also of what a mutation shows."""
    await people.ask("{ customers { nodes { givenName } } }", request_id="r-1", actor=ANA)
    _, reading = TOY.seals["customer"].opened[-1]
    assert reading is not None
    assert ("r-1", "USER", None) == (reading.request_id, reading.actor.type, reading.purpose)
    text = 'mutation ($id: ID!) { updateCustomer(id: $id, data: {department: "x"}) { ... on Customer { givenName } ... on Problem { message } } }'
    data = await people.ask(text, {"id": key(people.ids["Ana"])}, request_id="r-2")
    assert {"givenName": "Ana"} == data["updateCustomer"]
    _, reading = TOY.seals["customer"].opened[-1]
    assert reading is not None
    assert "r-2" == reading.request_id


async def test_values_whose_key_is_gone_are_shown_as_erased(people: People) -> None:
    """Texts say so, other values are null, and everybody else's are shown."""
    TOY.destroyed.add(people.ids["Ana"])
    ana, bob, _ = (await people.ask(_PAGE))["customers"]["nodes"]
    assert {
        "givenName": "«erased»",
        "familyName": "«erased»",
        "gender": None,
        "birthDate": None,
        "customFields": None,
    } == ana
    assert ("Bob", "1990-01-02") == (bob["givenName"], bob["birthDate"])


async def test_what_python_computes_gets_open_values(people: People) -> None:
    """As Python values of their kinds, whether they are selected beside it or not."""
    nodes = (await people.ask("{ customers(orderBy: [{field: CREATED_AT}]) { nodes { greeting givenName } } }"))[
        "customers"
    ]["nodes"]
    assert ["Ana, 1984", "Bob, 1990", "李, ?"] == [node["greeting"] for node in nodes]
    assert [8] == _calls()


async def test_a_record_as_it_was_is_opened(people: People) -> None:
    """The row that the feed kept, also where the record had another value since."""
    then = instants.wire(clock.now())
    people.crm.clock.move(seconds=5)
    update = (
        'mutation ($id: ID!) { updateCustomer(id: $id, data: {givenName: "Anna", birthDate: null}) { __typename } }'
    )
    await people.ask(update, {"id": key(people.ids["Ana"])})
    text = "query ($id: ID!, $at: DateTime) { customer(id: $id, asOf: $at) { givenName birthDate gender } }"
    was = await people.ask(text, {"id": key(people.ids["Ana"]), "at": then})
    assert {"givenName": "Ana", "birthDate": "1984-05-06", "gender": "FEMALE"} == was["customer"]
    now = await people.ask(text, {"id": key(people.ids["Ana"]), "at": None})
    assert {"givenName": "Anna", "birthDate": None, "gender": "FEMALE"} == now["customer"]


async def test_the_seal_is_told_what_is_of_the_past(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record may have been about somebody else then; what it is linked to is of now."""
    told: list[tuple[list[str], bool]] = []
    seal = TOY.seals["customer"]
    really = seal.open

    async def listen(database: Any, cells: Any, reading: Any = None, *, past: bool = False) -> Any:
        told.append((sorted(cell.column for cell in cells), past))
        return await really(database, cells, reading, past=past)

    monkeypatch.setattr(seal, "open", listen)
    child = await people.crm.make("customer", kind="ORGANIZATION", legal_name="Acme", parent_id=None)
    parent = await people.crm.make("customer", kind="ORGANIZATION", legal_name="Group")
    await people.crm.run(Actor.system(), lambda work: work.change("customer", child["id"], {"parent_id": parent["id"]}))
    told.clear()
    text = "query ($id: ID!, $at: DateTime) { customer(id: $id, asOf: $at) { displayName parent { displayName } } }"
    shown = await people.ask(text, {"id": key(child["id"]), "at": instants.wire(clock.now())})
    assert {"displayName": "Acme", "parent": {"displayName": "Group"}} == shown["customer"]
    assert [(["display_name"], False), (["display_name"], True)] == sorted(told)


async def test_records_of_any_entity_are_opened(people: People) -> None:
    """By `node` and `nodes`, behind the interface, and where a record is not there."""
    given = [key(people.ids["Bob"]), key(people.ids["Ana"]), "customer_01900000-0000-7000-8000-000000000000"]
    data = await people.ask(
        "query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id ... on Customer { givenName } } "
        "node(id: $id) { ... on Customer { familyName } } }",
        {"ids": given, "id": given[1]},
    )
    assert ["Bob", "Ana", None] == [node and node["givenName"] for node in data["nodes"]]
    assert {"familyName": "Sousa"} == data["node"]


async def test_entries_of_timelines_are_opened(people: People) -> None:
    """Contact points are shown open in the timeline of whom they are about."""
    crm = people.crm
    await crm.make("interaction", customer_id=people.ids["Ana"], kind="NOTE", subject="A note", occurred_at=clock.now())
    text = """query ($id: ID!) { customer(id: $id) { timeline { nodes {
        __typename ... on Interaction { subject customer { givenName } } } } } }"""
    data = await people.ask(text, {"id": key(people.ids["Ana"])})
    entry = {"__typename": "Interaction", "subject": "A note", "customer": {"givenName": "Ana"}}
    assert entry in data["customer"]["timeline"]["nodes"]


async def test_a_value_that_was_moved_to_another_record_is_no_answer(people: People) -> None:
    """The answer is an incident, and shows nothing."""
    move = "update customer set given_name = (select given_name from customer where id = $1) where id = $2"
    await people.crm.database.execute(move, people.ids["Ana"], people.ids["Bob"])
    answer = await people.crm.execute("{ customers { nodes { givenName } } }")
    assert answer.get("data") is None
    assert "INTERNAL" == answer["errors"][0]["extensions"]["code"]
    assert "Ana" not in str(answer)


async def test_values_are_read_before_they_are_sealed(people: People) -> None:
    """While a column is being sealed it has both, of any kind."""
    for seal in TOY.seals.values():
        seal.plain = True
    plain = "update customer set given_name = 'Plain', gender = 'DIVERSE', birth_date = '2000-01-01', custom_fields = $2 where id = $1"
    custom: Any = '{"a": [1, "b"]}'
    await people.crm.database.execute(plain, people.ids["Ana"], custom)
    ana = (await people.ask(_PAGE))["customers"]["nodes"][0]
    assert ("Plain", "DIVERSE", "2000-01-01", {"a": [1, "b"]}) == (
        ana["givenName"],
        ana["gender"],
        ana["birthDate"],
        ana["customFields"],
    )


async def test_numbers_and_json_are_sealed_too(people: People) -> None:
    """A sealed number is a number again, and a sealed JSON value what it was."""
    crm = people.crm
    await crm.make("address", customer_id=people.ids["Ana"], latitude=38.7222524, longitude=-9.5)
    data = await people.ask("{ addresses { nodes { latitude longitude } } }")
    assert {"latitude": 38.7222524, "longitude": -9.5} == data["addresses"]["nodes"][0]
    stored = await crm.database.fetch_value("select cast(latitude as text) from address")
    assert stored.startswith("crm1:")


async def test_a_plain_page_is_not_taken_apart(people: People) -> None:
    """Without sealed values the database's text goes to the client unread: its plan has nothing to open or to look up."""
    await people.ask("{ customers { nodes { givenName } } }")
    await people.ask('{ customers(filter: {industry: {eq: "x"}}) { nodes { id status } } }')
    opened, plain = list(people.crm.planner.plans._values.values())[-2:]
    assert (1, False) == (len(opened.openings), opened.looks)
    assert ((), False, {}) == (plain.openings, plain.looks, plain.roots[0].branch.below)  # type: ignore[union-attr]
