"""Mutations of entities, from text to answer, on both databases."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from crmcore.errors import Unavailable
from tests.graphql.conftest import WorldCrm

PROBLEM = "... on Problem { code message violations { path code message } }"
CREATE = (
    "mutation ($data: CreateGadgetInput!) { createGadget(data: $data) { __typename ... on Gadget { id name version } "
    + PROBLEM
    + " } }"
)


async def _create(world: WorldCrm, **data: Any) -> dict[str, Any]:
    made = (await world.data(CREATE, {"data": {"name": "Lamp", **data}}))["createGadget"]
    assert isinstance(made, dict)
    return made


async def test_create_shows_the_record(world: WorldCrm) -> None:
    """What was made is read as selected."""
    made = await _create(world)
    assert ("Gadget", "Lamp", 1) == (made["__typename"], made["name"], made["version"])
    assert made["id"].startswith("gadget_")


async def test_every_kind_comes_back(world: WorldCrm) -> None:
    """Values of all kinds are stored and shown as they were given."""
    fields = "code size shape partsCount serial weight isNew soldAt madeOn extra series billingCurrency price { amount currency }"
    text = "mutation ($data: CreateGadgetInput!) { createGadget(data: $data) { ... on Gadget { " + fields + " } } }"
    given = {
        "code": "L-1", "size": "VERY_LARGE", "shape": "ROUND", "partsCount": 3, "serial": "9007199254740993", "weight": 1.5,
        "isNew": False, "soldAt": "2026-01-31T09:30:00.000000Z", "madeOn": "2026-01-30", "extra": {"a": [1, None, "é😀"]},
        "series": "S", "billingCurrency": "JPY", "price": {"amount": "12.50", "currency": "EUR"},
    }  # fmt: skip
    answer = await world.data(text, {"data": {"name": "Lamp", **given}})
    assert given == answer["createGadget"]


async def test_literals_are_the_same_as_variables(world: WorldCrm) -> None:
    """Arguments may stand in the document."""
    text = """mutation { createGadget(data: {name: "Lamp", size: VERY_LARGE, price: {amount: "1", currency: JPY}}) {
        ... on Gadget { size price { amount currency } } } }""".replace("JPY", '"JPY"')
    expected = {"size": "VERY_LARGE", "price": {"amount": "1", "currency": "JPY"}}
    assert expected == (await world.data(text))["createGadget"]


async def test_the_client_may_give_the_id(world: WorldCrm) -> None:
    """A given id is kept, and a taken one is a duplicate."""
    id = f"gadget_{uuid4()}"
    assert id == (await _create(world, id=id))["id"]
    assert "DUPLICATE" == (await _create(world, id=id))["code"]


async def test_all_violations_with_their_paths(world: WorldCrm) -> None:
    """Rules and columns say everything at once, where it stood in the input."""
    refused = await _create(world, name="forbidden", shape="CUBE", partsCount=3, code="x" * 300)
    assert "VALIDATION" == refused["code"]
    paths = {v["path"]: v["code"] for v in refused["violations"]}
    assert {"data.shape": "UNKNOWN_VALUE", "data.code": "TOO_LONG"}.items() <= paths.items()


async def test_unreadable_inputs_are_violations(world: WorldCrm) -> None:
    """An id of another type and too many digits are found together, before anything runs."""
    runs = world.runs
    refused = await _create(world, makerId=f"gadget_{uuid4()}", price={"amount": "1.234", "currency": "EUR"})
    expected = [("data.price.amount", "NOT_AN_AMOUNT"), ("data.makerId", "WRONG_ID_TYPE")]
    assert expected == [(v["path"], v["code"]) for v in refused["violations"]]
    assert runs == world.runs


async def test_any_links(world: WorldCrm) -> None:
    """The id of a record of any type is one input, and shows as the record."""
    gadget = await _create(world)
    text = """mutation ($subject: ID!) { createNote(data: {text: "Hm", subjectId: $subject}) {
        ... on Note { subjectId subject { __typename id ... on Gadget { name } } } } }"""
    made = (await world.data(text, {"subject": gadget["id"]}))["createNote"]
    shown = {"__typename": "Gadget", "id": gadget["id"], "name": "Lamp"}
    assert {"subjectId": gadget["id"], "subject": shown} == made


UPDATE = (
    "mutation ($id: ID!, $data: UpdateGadgetInput!, $v: Int) { updateGadget(id: $id, data: $data, expectedVersion: $v) { ... on Gadget { name number: code version } "
    + PROBLEM
    + " } }"
)


async def test_absent_is_not_null(world: WorldCrm) -> None:
    """An update leaves what is absent and empties what is null."""
    made = await _create(world, code="L-1")
    kept = await world.data(UPDATE, {"id": made["id"], "data": {"name": "Torch"}})
    assert {"name": "Torch", "number": "L-1", "version": 2} == kept["updateGadget"]
    emptied = await world.data(UPDATE, {"id": made["id"], "data": {"code": None}})
    assert {"name": "Torch", "number": None, "version": 3} == emptied["updateGadget"]


async def test_absent_variables_are_absent(world: WorldCrm) -> None:
    """A field whose variable is not given is as absent as a field that is not written."""
    made = await _create(world, code="L-1")
    text = "mutation ($id: ID!, $name: String, $code: String) { updateGadget(id: $id, data: {name: $name, code: $code}) { ... on Gadget { name code } } }"
    assert {"name": "Torch", "code": "L-1"} == (await world.data(text, {"id": made["id"], "name": "Torch"}))[
        "updateGadget"
    ]


async def test_null_where_something_must_be(world: WorldCrm) -> None:
    """Null for what cannot be empty is a violation."""
    made = await _create(world)
    refused = (await world.data(UPDATE, {"id": made["id"], "data": {"name": None}}))["updateGadget"]
    assert [("data.name", "REQUIRED")] == [(v["path"], v["code"]) for v in refused["violations"]]


async def test_expected_version(world: WorldCrm) -> None:
    """A version that is no longer the record's is a conflict."""
    made = await _create(world)
    answer = await world.data(UPDATE, {"id": made["id"], "data": {"name": "Torch"}, "v": 7})
    assert "CONFLICT" == answer["updateGadget"]["code"]


@pytest.mark.parametrize(
    ("id", "code"),
    [("gadget_01900000-0000-7000-8000-000000000000", "NOT_FOUND"), ("nonsense", "VALIDATION"), ("maker_01900000-0000-7000-8000-000000000000", "VALIDATION")],
)  # fmt: skip
async def test_wrong_ids(world: WorldCrm, id: str, code: str) -> None:
    """No record, no id, another type's id: each is a problem."""
    answer = await world.data(UPDATE, {"id": id, "data": {}})
    assert code == answer["updateGadget"]["code"]


async def test_delete_restore_destroy(world: WorldCrm) -> None:
    """A deleted record shows that it is, comes back, and goes for ever."""
    id = (await _create(world))["id"]
    deleted = await world.data(
        "mutation ($id: ID!) { deleteGadget(id: $id) { ... on Gadget { deletedAt } } }", {"id": id}
    )
    assert deleted["deleteGadget"]["deletedAt"] is not None
    assert {"gadget": None} == await world.data("query ($id: ID!) { gadget(id: $id) { id } }", {"id": id})
    restored = await world.data(
        "mutation ($id: ID!) { restoreGadget(id: $id) { ... on Gadget { deletedAt } } }", {"id": id}
    )
    assert restored["restoreGadget"]["deletedAt"] is None
    text = "mutation ($id: ID!) { destroyGadget(id: $id) { __typename ... on Destroyed { destroyedId } } }"
    assert {"__typename": "Destroyed", "destroyedId": id} == (await world.data(text, {"id": id}))["destroyGadget"]
    assert {"node": None} == await world.data("query ($id: ID!) { node(id: $id) { id } }", {"id": id})


UPSERT = (
    "mutation ($data: CreateGadgetInput!) { upsertGadget(data: $data, onConflict: CODE) { ... on Gadget { id name version } "
    + PROBLEM
    + " } }"
)


async def test_upsert(world: WorldCrm) -> None:
    """The same key changes the record it made."""
    first = (await world.data(UPSERT, {"data": {"name": "Lamp", "code": "L"}}))["upsertGadget"]
    second = (await world.data(UPSERT, {"data": {"name": "Torch", "code": "L"}}))["upsertGadget"]
    assert {"id": first["id"], "name": "Torch", "version": 2} == second


async def test_upsert_without_its_key(world: WorldCrm) -> None:
    """The key's fields must be given."""
    refused = (await world.data(UPSERT, {"data": {"name": "Lamp"}}))["upsertGadget"]
    assert [("data.code", "REQUIRED")] == [(v["path"], v["code"]) for v in refused["violations"]]


BATCH = """mutation ($data: [CreateGadgetInput!]!, $mode: BatchMode!) { createGadgets(data: $data, mode: $mode) {
    ... on GadgetBatch { succeeded failed results { index a: record { name } b: record { version } problem { code violations { path } } } }
    ... on Problem { code message violations { path code } } } }"""


async def test_partial_batch(world: WorldCrm) -> None:
    """In a partial batch each row has its record or its problem, with paths into the whole input."""
    rows = [{"name": "Lamp"}, {"name": "forbidden"}, {"name": "Bed", "makerId": "x"}, {"name": "Torch"}]
    got = (await world.data(BATCH, {"data": rows, "mode": "PARTIAL"}))["createGadgets"]
    problem = {"code": "VALIDATION", "violations": [{"path": "data.1.name"}]}
    unreadable = {"code": "VALIDATION", "violations": [{"path": "data.2.makerId"}]}
    assert (2, 2) == (got["succeeded"], got["failed"])
    assert [
        {"index": 0, "a": {"name": "Lamp"}, "b": {"version": 1}, "problem": None},
        {"index": 1, "a": None, "b": None, "problem": problem},
        {"index": 2, "a": None, "b": None, "problem": unreadable},
        {"index": 3, "a": {"name": "Torch"}, "b": {"version": 1}, "problem": None},
    ] == got["results"]


async def test_atomic_batch(world: WorldCrm) -> None:
    """In an atomic batch one refusal is the answer, and nothing is kept."""
    got = (await world.data(BATCH, {"data": [{"name": "Lamp"}, {"name": "forbidden"}], "mode": "ATOMIC"}))[
        "createGadgets"
    ]
    assert ("VALIDATION", [{"path": "data.1.name", "code": "FORBIDDEN_NAME"}]) == (got["code"], got["violations"])
    assert {"gadgets": {"totalCount": 0}} == await world.data("{ gadgets { totalCount } }")


async def test_other_batches(world: WorldCrm) -> None:
    """Updating, deleting and upserting many answers row by row, each with its own id, version and paths."""
    id = (await _create(world, code="L"))["id"]
    text = """mutation ($items: [UpdateGadgetItem!]!, $ids: [ID!]!) {
        updateGadgets(data: $items, mode: PARTIAL) { ...b }
        upsertGadgets(data: [{name: "Neon", code: "L"}, {name: "Bed"}], onConflict: CODE, mode: PARTIAL) { ...b }
        deleteGadgets(ids: $ids, mode: PARTIAL) { ...b } }
        fragment b on GadgetBatch { results { record { name } problem { code violations { path } } } }"""
    items = [
        {"id": id, "data": {"name": "Torch"}, "expectedVersion": 1},
        {"id": id, "data": {"name": None}},
        {"id": "x", "data": {}},
    ]
    got = await world.data(text, {"items": items, "ids": [id, "gadget", id]})

    def rows(name: str) -> list[Any]:
        return [
            r["record"] or [r["problem"]["code"], *(v["path"] for v in r["problem"]["violations"])]
            for r in got[name]["results"]
        ]

    assert [{"name": "Torch"}, ["VALIDATION", "data.1.data.name"], ["VALIDATION", "data.2.id"]] == rows("updateGadgets")
    assert [{"name": "Neon"}, ["VALIDATION", "data.1.code"]] == rows("upsertGadgets")
    assert [{"name": "Neon"}, ["VALIDATION", "ids.1"], ["NOT_FOUND"]] == rows("deleteGadgets")


async def test_roots_run_in_order(world: WorldCrm) -> None:
    """Each root sees what those before it did, under aliases and through fragments."""
    id = f"gadget_{uuid4()}"
    text = """mutation ($id: ID!) { ...all }
        fragment all on Mutation {
            made: createGadget(data: {id: $id, name: "A"}) { ...g }
            first: updateGadget(id: $id, data: {name: "B"}) { ...g }
            __typename
            second: updateGadget(id: $id, data: {name: "C"}, expectedVersion: 2) { ...g } }
        fragment g on GadgetResult { ... on Gadget { name version } }"""
    got = await world.data(text, {"id": id})
    assert ["made", "first", "__typename", "second"] == list(got)
    assert [("A", 1), ("B", 2), ("C", 3)] == [(got[k]["name"], got[k]["version"]) for k in ("made", "first", "second")]


async def test_skipped_roots_do_not_run(world: WorldCrm) -> None:
    """@skip and @include decide before anything happens, anew in each request with the same text."""
    text = """mutation ($no: Boolean!) { a: createGadget(data: {name: "A"}) @include(if: $no) { __typename }
        b: createGadget(data: {name: "B"}) @skip(if: $no) { __typename } }"""
    within = text.replace("{ a:", "{ ...all } fragment all on Mutation { a:")
    for asked in (text, within):
        assert {"b": {"__typename": "Gadget"}} == await world.data(asked, {"no": False})
        assert {"a": {"__typename": "Gadget"}} == await world.data(asked, {"no": True})


async def test_payloads_lead_on(world: WorldCrm) -> None:
    """A payload's selection goes as deep as any query's."""
    maker = (await world.data('mutation { createMaker(data: {name: "Ada"}) { ... on Maker { id } } }'))["createMaker"][
        "id"
    ]
    await _create(world, makerId=maker)
    text = """mutation ($maker: ID!) { createGadget(data: {name: "Torch", makerId: $maker}) {
        ... on Gadget { maker { name gadgets(orderBy: {field: NAME}) { totalCount nodes { name } } } } } }"""
    gadgets = {"totalCount": 2, "nodes": [{"name": "Lamp"}, {"name": "Torch"}]}
    assert {"maker": {"name": "Ada", "gadgets": gadgets}} == (await world.data(text, {"maker": maker}))["createGadget"]


async def test_a_bug_is_an_incident(world: WorldCrm, caplog: pytest.LogCaptureFixture) -> None:
    """A bug shows a number and nothing of the inside; the roots before and after it are answered, the log has the trace."""
    text = """mutation { a: createGadget(data: {name: "A"}) { __typename } b: createGadget(data: {name: "bug"}) { __typename }
        c: createGadget(data: {name: "C"}) { __typename } }"""
    answer = await world.answer(text)
    made = {"__typename": "Gadget"}
    assert (200, {"a": made, "b": None, "c": made}) == (answer["status"], answer["data"])
    (error,) = answer["errors"]
    assert ("Internal error.", ["b"], "INTERNAL") == (error["message"], error["path"], error["extensions"]["code"])
    assert "secret of the inside" not in str(answer)
    (record,) = [r for r in caplog.records if r.name == "crmcore.graphql"]
    assert error["extensions"]["incident"] in record.message
    assert "secret of the inside" in str(record.exc_info)


async def test_a_payload_that_cannot_be_read(world: WorldCrm) -> None:
    """What is wrong below a payload is an error with its path; the write is kept."""
    text = 'mutation { createMaker(data: {name: "Ada"}) { ... on Maker { gadgets(first: 100000) { totalCount } } } }'
    answer = await world.answer(text)
    assert ({"createMaker": None}, "createMaker") == (answer["data"], answer["errors"][0]["path"][0])
    assert "INTERNAL" != (answer["errors"][0].get("extensions") or {}).get("code")
    assert {"makers": {"totalCount": 1}} == await world.data("{ makers { totalCount } }")


KEYED = (
    "mutation ($name: String!, $key: String!) { createGadget(data: {name: $name}, idempotencyKey: $key) { ... on Gadget { id name } "
    + PROBLEM
    + " } }"
)


async def test_a_repeated_key_has_one_effect(world: WorldCrm) -> None:
    """The same request with the same key makes one record and shows it twice."""
    first = await world.data(KEYED, {"name": "Lamp", "key": "k1"})
    assert first == await world.data(KEYED, {"name": "Lamp", "key": "k1"})
    assert {"gadgets": {"totalCount": 1}} == await world.data("{ gadgets { totalCount } }")


async def test_a_key_for_something_else(world: WorldCrm) -> None:
    """A key that was used for another request is refused."""
    await world.data(KEYED, {"name": "Lamp", "key": "k1"})
    assert "IDEMPOTENCY_KEY_REUSED" == (await world.data(KEYED, {"name": "Bed", "key": "k1"}))["createGadget"]["code"]


async def test_a_repeated_key_of_a_destroyed_record(world: WorldCrm) -> None:
    """A replay whose record is gone for ever says so."""
    id = (await world.data(KEYED, {"name": "Lamp", "key": "k1"}))["createGadget"]["id"]
    await world.data("mutation ($id: ID!) { destroyGadget(id: $id) { __typename } }", {"id": id})
    assert "NOT_FOUND" == (await world.data(KEYED, {"name": "Lamp", "key": "k1"}))["createGadget"]["code"]


async def test_keys_of_batches(world: WorldCrm) -> None:
    """A batch is replayed with its problems."""
    text = BATCH.replace("mode: $mode)", 'mode: $mode, idempotencyKey: "k")')
    given = {"data": [{"name": "Lamp"}, {"name": "forbidden"}], "mode": "PARTIAL"}
    first = await world.data(text, given)
    assert first == await world.data(text, given)
    assert {"gadgets": {"totalCount": 1}} == await world.data("{ gadgets { totalCount } }")


async def test_keys_at_the_same_moment(world: WorldCrm) -> None:
    """The same key used at the same moment has one effect, and all get its outcome."""
    answers = await asyncio.gather(*(world.data(KEYED, {"name": "Lamp", "key": "k"}) for _ in range(4)))
    assert [answers[0]] * 4 == answers
    assert {"gadgets": {"totalCount": 1}} == await world.data("{ gadgets { totalCount } }")


@pytest.mark.parametrize(("key", "shown"), [('"k"', "Gadget"), ("null", "Problem")])
async def test_a_race_for_a_key(world: WorldCrm, monkeypatch: pytest.MonkeyPatch, key: str, shown: str) -> None:
    """Whoever loses the race for a key gets the winner's outcome; without a key a passing reason is told."""
    run = world.run

    async def lost(*given: Any, **about: Any) -> None:
        monkeypatch.setattr(world, "run", run)
        await run(*given, **about)
        msg = "The key is in use."
        raise Unavailable(msg)

    monkeypatch.setattr(world, "run", lost)
    text = 'mutation { createGadget(data: {name: "A"}, idempotencyKey: ' + key + ") { __typename } }"
    assert {"createGadget": {"__typename": shown}} == await world.data(text)
    assert {"gadgets": {"totalCount": 1}} == await world.data("{ gadgets { totalCount } }")
