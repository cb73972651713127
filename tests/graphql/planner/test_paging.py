"""Pages: walked either way they give the sorted list, cursors survive changes, and nonsense is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore.database import ids
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.reference import Record, Reference, ordered
from tests.graphql.planner.world import EPOCH, rows, uuid

_FIELDS = "ID NAME NICK PHASE MOOD RANK SIZE SERIAL RATIO VIP SEEN_AT BORN_ON CREDIT NAME_LENGTH CREATED_AT".split()
_KEY = st.fixed_dictionaries(
    {"field": st.sampled_from(_FIELDS)},
    optional={"direction": st.sampled_from(["ASC", "DESC"]), "nulls": st.sampled_from(["FIRST", "LAST"])},
)
_PAGE = """query ($o: [BuyerOrder!], $f: Int, $a: String, $l: Int, $b: String) {
    buyers(orderBy: $o, first: $f, after: $a, last: $l, before: $b, deleted: INCLUDE) {
        nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""


async def _walk(desk: Desk, order: list[dict[str, str]], size: int, *, forward: bool) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        part = {"f": size, "a": cursor} if forward else {"l": size, "b": cursor}
        page = (await desk.ask(_PAGE, {"o": order, **part}))["buyers"]
        info = page["pageInfo"]
        here = [node["id"] for node in page["nodes"]]
        found = [*found, *here] if forward else [*here, *found]
        assert info["hasPreviousPage" if forward else "hasNextPage"] is (cursor is not None)
        if not info["hasNextPage" if forward else "hasPreviousPage"]:
            return found
        cursor = info["endCursor" if forward else "startCursor"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(_KEY, max_size=3), size=st.integers(4, 31))
async def test_walked_forward_or_backward_in_any_order_a_list_is_the_sorted_list(
    desk: Desk, order: list[dict[str, str]], size: int
) -> None:
    """No record is left out and none comes twice, whatever the keys, their directions and where nulls stand."""
    sorted_ids = [
        ids.encode("buyer", r.row["id"]) for r in ordered([Record("buyer", row) for row in rows()["buyer"]], order)
    ]
    assert await _walk(desk, order, size, forward=True) == sorted_ids
    assert await _walk(desk, order, size, forward=False) == sorted_ids


async def _first(desk: Desk, order: str = "", more: str = "") -> Any:
    return (
        await desk.ask(
            f"{{ stages(first: 2{order}{more}) {{ nodes {{ name }} pageInfo {{ endCursor startCursor }} }} }}"
        )
    )["stages"]


async def test_a_cursor_survives_inserts_and_the_end_of_its_own_record(own_desk: Desk) -> None:
    """The next page follows the cursor's place in the order, not a number of records."""
    order = ", orderBy: {field: NAME}"
    cursor = (await _first(own_desk, order))["pageInfo"]["endCursor"]
    await own_desk.database.execute("update stage set name = 'Stage 00' where name = 'Stage 2'")
    await own_desk.database.execute("update stage set deleted_at = $1 where name = 'Stage 1'", EPOCH)
    await own_desk.database.execute("update stage set name = 'Stage 3' where name = 'Stage 0'")
    assert [n["name"] for n in (await _first(own_desk, order, f', after: "{cursor}"'))["nodes"]] == ["Stage 3"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("first: 201", "PAGE_SIZE", "first is 201; give 0 to 200"),
        ("last: -1", "PAGE_SIZE", "last is -1"),
        ("first: 1, last: 1", "FIRST_AND_LAST", "give one of them"),
        ('after: "xyz"', "NOT_A_CURSOR", "no cursor"),
        ('after: "7b7d"', "NOT_A_CURSOR", "no cursor"),
        ('before: "' + "5b" * 5000 + '"', "NOT_A_CURSOR", "no cursor"),
        ('after: "5b5d"', "NOT_A_CURSOR", "no cursor"),
        ('after: "5b312c322c335d"', "CURSOR_OF_ANOTHER_ORDER", "another order"),
        ('after: "5b22612c22226e756c6c5d"', "NOT_A_CURSOR", "no cursor"),
    ],
)
async def test_an_impossible_page_is_refused_at_its_field(desk: Desk, arguments: str, code: str, words: str) -> None:
    """The error names what is wrong and the way out; nothing is read."""
    result = await desk.read(f"{{ buyers({arguments}) {{ totalCount }} }}")
    assert result.json == "null"
    assert [e.path for e in result.errors] == [["buyers"]]
    assert words in result.errors[0].message
    assert result.errors[0].extensions["violations"][0]["code"] == code  # type: ignore[index]
    assert desk.statements == []


async def test_a_cursor_is_refused_by_a_list_in_another_order(desk: Desk) -> None:
    """It carries the order it was made for."""
    cursor = (await _first(desk, ", orderBy: {field: NAME}"))["pageInfo"]["endCursor"]
    for order in ("{field: NAME, direction: DESC}", "{field: CREATED_AT}", "{field: NAME, nulls: FIRST}"):
        result = await desk.read(f'{{ stages(orderBy: {order}, after: "{cursor}") {{ totalCount }} }}')
        refused = [e.extensions["violations"][0]["code"] for e in result.errors]  # type: ignore[index]
        assert refused == ([] if "FIRST" in order else ["CURSOR_OF_ANOTHER_ORDER"])


@pytest.mark.parametrize("forged", ["x", 1, True, None, {}, "2026-01-31", 1e400, "\ud800", "a\0"])
async def test_a_forged_cursor_is_refused(desk: Desk, forged: Any) -> None:
    """Its keys are read as the kinds they must have; a database never sees another."""
    order = "orderBy: [{field: SEEN_AT}, {field: SIZE}]"
    made = (await desk.ask(f"{{ buyers({order}, first: 1) {{ pageInfo {{ endCursor }} }} }}"))["buyers"]["pageInfo"][
        "endCursor"
    ]
    for position in (1, 2, 3):
        keys = json.loads(bytes.fromhex(made))
        keys[position] = forged
        cursor = json.dumps(keys).encode().hex()
        result = await desk.read(f'{{ buyers({order}, after: "{cursor}") {{ nodes {{ id }} }} }}')
        allowed = (position == 1 and forged is None) or (position == 2 and forged == 1 and forged is not True)
        assert bool(result.errors) is not allowed


async def test_not_null_keys_of_one_direction_make_a_row_value(desk: Desk) -> None:
    """So an index answers a deep page at once; the usual OR form reads all pages before it."""
    order = "orderBy: [{field: CREATED_AT, direction: DESC}, {field: SIZE, direction: DESC}]"
    cursor = (await desk.ask(f"{{ buyers({order}, first: 1) {{ pageInfo {{ endCursor }} }} }}"))["buyers"]["pageInfo"][
        "endCursor"
    ]
    await desk.ask(f'{{ buyers({order}, after: "{cursor}") {{ nodes {{ id }} }} }}')
    assert "(t1.created_at, t1.size, t1.id) < (" in desk.statements[-1][0]


async def test_pages_between_two_cursors(desk: Desk) -> None:
    """`after` and `before` together bound the list; the limit counts from the end that is asked for."""
    reference = Reference()
    whole = await desk.ask("{ buyers(first: 12) { edges { cursor node { id } } } }")
    edges = whole["buyers"]["edges"]
    query = "query ($a: String, $b: String, $f: Int, $l: Int) { buyers(after: $a, before: $b, first: $f, last: $l) { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }"
    for part in ({"f": 3}, {"l": 3}, {"f": 20}, {"l": 20}):
        variables = {"a": edges[2]["cursor"], "b": edges[9]["cursor"], **part}
        plain = {
            "a": str(ids.parse(edges[2]["node"]["id"], "buyer")),
            "b": str(ids.parse(edges[9]["node"]["id"], "buyer")),
            **part,
        }
        assert await desk.ask(query, variables) == reference.ask(query, plain)


async def test_a_page_size_of_a_nested_list_is_checked_too(desk: Desk) -> None:
    """The error says where, and the root that may be null is null; the other root is answered."""
    result = await desk.read(
        f'{{ a: buyer(id: "buyer_{uuid(3, 4)}") {{ kin: children(first: 1000) {{ totalCount }} }} b: stages {{ totalCount }} }}'
    )
    assert json.loads(result.json) == {"a": None, "b": {"totalCount": 3}}
    assert [e.path for e in result.errors] == [["a", "kin"]]
    assert result.errors[0].locations is not None


async def test_lists_in_lists_that_could_hold_too_much_are_refused(desk: Desk) -> None:
    """The sizes of the pages multiply, those not said with the default."""
    query = "query ($n: Int) { stages(first: $n) { nodes { deals(first: $n) { nodes { buyer { calls(first: $n) { totalCount } } } } } } }"
    assert (await desk.read(query, {"n": 60})).errors == []
    error = (await desk.read(query, {"n": 200})).errors[0]
    assert "8000000 records" in error.message
    assert error.path == ["stages", "nodes", 0, "deals", "nodes", 0, "buyer", "calls"]


@pytest.mark.parametrize("order", ["{field: NAME}", "[{field: NAME}, {field: POSITION, direction: DESC}]"])
async def test_a_cursor_s_own_record_counts_as_what_precedes(desk: Desk, order: str) -> None:
    """The second page of one record has a page before it, the one before the last has one after it."""
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    first = (await desk.ask(f"{{ stages(first: 1, orderBy: {order}) {{ {info} }} }}"))["stages"]["pageInfo"]
    second = await desk.ask(f'{{ stages(first: 1, orderBy: {order}, after: "{first["endCursor"]}") {{ {info} }} }}')
    last = (await desk.ask(f"{{ stages(last: 1, orderBy: {order}) {{ {info} }} }}"))["stages"]["pageInfo"]
    before = await desk.ask(f'{{ stages(last: 1, orderBy: {order}, before: "{last["startCursor"]}") {{ {info} }} }}')
    assert (first["hasPreviousPage"], second["stages"]["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert (last["hasNextPage"], before["stages"]["pageInfo"]["hasNextPage"]) == (False, True)
