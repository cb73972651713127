"""Look-ups within the statement that reads the records: one statement where they hold, and never an answer where they do not."""

from __future__ import annotations

from uuid import UUID

import pytest
from graphql import FieldNode, NameNode

from crmcore.access import accounts, tokens
from crmcore.access.actor import Actor, ActorType
from crmcore.entities.kinds import TEXT
from crmcore.entities.sealing import MARK, Cell, Reading
from crmcore.entities.work import Work
from crmcore.errors import Unavailable
from crmcore.graphql.planner.place import Place
from crmcore.graphql.planner.plan import Stored
from crmcore.graphql.planner.sealed.batch import OWNER, Batch, Unseal, Value
from crmcore.testing.crm import TestCrm
from tests.graphql.sealing.conftest import TOY, People
from tests.http.conftest import client_of
from tests.plugins.with_sealing import ToySeal

FIND = "query ($name: String) { customers(filter: {givenName: {eq: $name}}) { totalCount nodes { familyName } } }"
ANA = {"totalCount": 1, "nodes": [{"familyName": "Sousa"}]}
SHOW = "query ($name: String) { customers(filter: {givenName: {eq: $name}}) { nodes { givenName } } }"


@pytest.fixture(autouse=True)
def within(people: People) -> None:
    """Statements look values up themselves."""
    for seal in TOY.seals.values():
        seal.within = True
    TOY.seals["customer"].held.clear()


async def _found(crm: TestCrm, name: str | None, statements: int) -> object:
    """Return the customers of a name; the toy needs one statement to find out what to bind."""
    with crm.assert_queries(statements):
        answer = await crm.execute(FIND, {"name": name})
    assert "errors" not in answer, answer
    return answer["data"]["customers"]


async def test_one_statement_finds_and_reads(people: People) -> None:
    """What it found is compared, and none is looked up before."""
    assert ANA == await _found(people.crm, "Ana", 2)
    assert {"totalCount": 0, "nodes": []} == await _found(people.crm, "nobody", 2)
    assert [True, True] == TOY.seals["customer"].held


async def test_what_finds_too_much_is_thrown_away(people: People) -> None:
    """Then values are looked up before the statement, as if it had never been."""
    TOY.seals["customer"].beside = (people.ids["Bob"],)
    assert ANA == await _found(people.crm, "Ana", 4)
    assert [False] == TOY.seals["customer"].held


async def test_a_seal_that_cannot_now_is_asked_before(people: People) -> None:
    """While a column is being sealed, for example."""
    TOY.seals["customer"].plain = True
    assert ANA == await _found(people.crm, "Ana", 2)
    assert [] == TOY.seals["customer"].held


async def test_null_is_not_looked_up(people: People) -> None:
    """A variable that is null asks for records without a value, and needs no seal."""
    assert 0 == (await people.ask(FIND, {"name": None}))["customers"]["totalCount"]
    assert [] == TOY.seals["customer"].held


async def test_what_else_has_to_be_known_before_is_asked_before(people: People) -> None:
    """A beginning, or an order by sealed values, in the same operation: all of it is looked up."""
    text = """{ some: customers(filter: {givenName: {eq: "Ana"}}, orderBy: [{field: FAMILY_NAME}]) { totalCount }
        more: customers(filter: {givenName: {startsWith: "B"}}) { totalCount } }"""
    assert {"some": {"totalCount": 1}, "more": {"totalCount": 1}} == await people.ask(text)
    assert [] == TOY.seals["customer"].held


async def test_several_look_ups_are_one_statement(people: People) -> None:
    """Each is compared by itself; the same value twice is two of them."""
    text = """query ($name: String!) { a: customers(filter: {givenName: {in: [$name, "Bob"]}}) { totalCount }
        b: customers(filter: {givenName: {ne: $name}, familyName: {eq: "Sousa"}}) { totalCount } }"""
    assert {"a": {"totalCount": 2}, "b": {"totalCount": 0}} == await people.ask(text, {"name": "Ana"})
    assert [True] * 3 == TOY.seals["customer"].held


async def test_somebody_who_does_not_stand_any_more_learns_nothing(people: People) -> None:
    """Whoever was remembered is confirmed by the same statement; what it found is not even opened."""
    crm = people.crm

    async def begin(work: Work) -> tuple[UUID, str]:
        user = await accounts.create_user(work, name="Eve", roles=["admin"])
        issued = await tokens.issue(work, user["id"], "tests")
        return user["id"], str(issued.secret)

    user, token = await crm.run(Actor.system(), begin)
    asked = {"query": FIND, "variables": {"name": "Ana"}}
    async with client_of(crm) as client:
        headers = {"authorization": f"Bearer {token}"}
        answer = await client.post("/graphql", json=asked, headers=headers)
        assert ANA == answer.json()["data"]["customers"]
        await crm.actors.usage.settle()
        TOY.seals["customer"].held.clear()
        await crm.run(Actor.system(), lambda work: tokens.revoke_all(work.database, user))

        assert 401 == (await client.post("/graphql", json=asked, headers=headers)).status_code
        assert [] == TOY.seals["customer"].held


async def test_what_a_look_up_opened_is_shown_as_it_is(people: People) -> None:
    """It is not opened again, and who read it is told of all the same: once, and only if it is shown."""
    seal = TOY.seals["customer"]
    assert {"customers": {"nodes": [{"givenName": "Ana"}]}} == await people.ask(SHOW, {"name": "Ana"})
    ((cells, reading),) = seal.shown
    assert [("given_name", people.ids["Ana"])] == [(cell.column, cell.id) for cell in cells]
    assert reading.actor.type is ActorType.SYSTEM
    assert [] == seal.opened

    assert ANA == (await people.ask(FIND, {"name": "Ana"}))["customers"]
    assert 1 == len(seal.shown)
    assert ["family_name"] == [cell.column for cells, _ in seal.opened for cell in cells]


@pytest.mark.parametrize(
    "selected",
    [
        "nodes { givenName familyName }",
        "edges { cursor node { givenName } } pageInfo { endCursor }",
        "nodes { greeting contactPoints { totalCount } }",
        "nodes { id given: givenName } people: nodes { id }",
    ],
)
async def test_an_answer_that_shows_what_was_found_is_the_whole_statement(people: People, selected: str) -> None:
    """Nothing is read beside it; it is the answer of the look-up before, and thrown away where it shows too much."""
    seal = TOY.seals["customer"]
    text = f"query ($name: String) {{ customers(filter: {{givenName: {{eq: $name}}}}) {{ {selected} }} }}"
    for beside, held in (((), True), ((people.ids["Bob"],), False)):
        seal.beside = beside
        seal.held.clear()
        with people.crm.assert_queries(2 if held else 4) as queries:
            shown = await people.ask(text, {"name": "Ana"})
        assert [held] == seal.held
        assert "c.whose" not in str(queries)
        seal.within = False
        assert shown == await people.ask(text.replace("query", "query Before"), {"name": "Ana"})
        seal.within = True


@pytest.mark.parametrize(
    "selected",
    ["totalCount nodes { givenName }", "nodes { id }", "pageInfo { hasNextPage } edges { node { givenName } }"],
)
async def test_what_an_answer_does_not_show_is_read_beside_it(people: People, selected: str) -> None:
    """A count, for example, or what lies beyond the page, which shows nobody who was found too much."""
    TOY.seals["customer"].beside = (people.ids["Bob"],)
    text = f'{{ customers(first: 1, orderBy: [{{field: CREATED_AT}}], filter: {{givenName: {{in: ["Ana", "x"]}}}}) {{ {selected} }} }}'
    found = await people.ask(text)
    TOY.seals["customer"].within = False
    assert found == await people.ask(text + " ")
    assert [False] == TOY.seals["customer"].held


@pytest.mark.parametrize(
    "filter", ['{or: [{givenName: {eq: "Ana"}}, {id: {in: []}}]}', '{not: {givenName: {eq: "Ana"}}}']
)
async def test_only_a_condition_that_all_meet_is_shown(people: People, filter: str) -> None:
    """Records that were found otherwise are no proof of what was looked up, nor are those that were not found."""
    seal = TOY.seals["customer"]
    text = f"{{ customers(filter: {filter}) {{ nodes {{ givenName }} }} }}"
    for seal.beside in ((), (people.ids["Bob"],)):
        seal.within = True
        found = await people.ask(text)
        seal.within = False
        assert found == await people.ask(text + " ")
    assert [True, False] == seal.held


async def test_what_cannot_be_told_of_is_not_shown(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with values that are opened for the answer, which it then is asked for."""
    readings = []

    async def refused(*given: object) -> None:
        readings.append(given[-1])
        msg = "The log cannot be written now."
        raise Unavailable(msg)

    monkeypatch.setattr(ToySeal, "tell", refused)
    monkeypatch.setattr(ToySeal, "open", refused)
    answer = await people.crm.execute(SHOW, {"name": "Ana"})
    assert {"customers": {"nodes": [{"givenName": None}]}} == answer["data"]
    assert ["UNAVAILABLE"] == [error["extensions"]["code"] for error in answer["errors"]]
    assert 2 == len(readings)


@pytest.mark.parametrize("other", ["entity", "column", "record", "text", "past"])
async def test_only_the_very_value_that_was_opened_is_taken(people: People, other: str) -> None:
    """What is bound to it is part of what it is known by; all else is opened, which says whether it may stand there."""
    crm, seal, id = people.crm, TOY.seals["customer"], people.ids["Ana"]
    text = await crm.database.fetch_value("select given_name from customer where id = $1", id)
    owner = f"{id} {id}"
    known = {"entity": "customer", "column": "given_name", "record": owner, "text": text}
    if other in known:
        known[other] += "x"
    by = known["entity"], known["column"], known["record"], known["text"]
    unseal = Unseal(crm.database, Reading(Actor.system()), {by: (Cell("given_name", id, id, text), "Somebody")})
    stored = Stored("given_name", TEXT, "given_name", sealed=True)
    shown = {"givenName": text, OWNER: owner}

    batch = Batch(crm.entities["customer"], unseal, past=other == "past")
    await batch.add(
        [Value("givenName", stored, Place(("givenName",), FieldNode(name=NameNode(value="givenName"))))],
        object(),
        [shown],
    )

    assert {} == await batch.open()
    assert {"givenName": "Ana"} == shown
    assert (1, []) == (len(seal.opened), seal.shown)


@pytest.mark.parametrize(
    "text",
    [
        "query ($name: String) { a: customers(filter: {givenName: {eq: $name}}) { nodes { givenName } } b: customers { totalCount } }",
        "query ($name: String) { b: customers { totalCount } a: customers(filter: {givenName: {eq: $name}}) { nodes { givenName } } }",
        "query ($name: String) { customers(filter: {givenName: {eq: $name}}) { nodes { givenName } } __typename }",
        "query ($name: String) { customers(filter: {givenName: {eq: $name}}) { nodes { givenName contactPoints { nodes { value } } } } }",
        'query ($name: String) { customers(filter: {givenName: {eq: $name}}) { nodes { givenName } } customer(id: "x") { id } }',
    ],
)
async def test_what_stands_beside_a_list_that_shows_what_was_found_is_answered_too(people: People, text: str) -> None:
    """Another root, other sealed records, an error: the answer is what it is where values are looked up before."""
    mia = await people.add("Mia", "Sousa")
    await people.crm.make("contact_point", customer_id=mia, type="EMAIL", value="mia@example.com")
    quick = await people.crm.execute(text, {"name": "Mia"})
    assert TOY.seals["customer"].held == [True]
    for seal in TOY.seals.values():
        seal.plain = True
    assert await people.crm.execute(text, {"name": "Mia"}) == quick
    assert "Mia" in str(quick)
    assert MARK not in str(quick)
