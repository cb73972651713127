"""Timelines: one feed of several types, equal to graphql-core's answer, paged either way, under the rules of every source."""

from __future__ import annotations

import json
from typing import Any

from crmcore.access.actor import Access, Effect, Scope
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.reference import Reference, without_cursors
from tests.graphql.planner.world import ANN, ENTITIES, person, rows, uuid

_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}
_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
_NODE = "node { __typename ... on Node { id } ... on Deal { name buyer { name } stage { name deals(first: 1) { nodes { id } } } } ... on Call { topic at } ... on Mark { key subject { ... on Buyer { greeting } } } }"
_OPERATIONS = [
    f"{{ buyers(first: 30) {{ nodes {{ timeline(first: 3) {{ totalCount {_INFO} edges {{ kind at cursor {_NODE} }} }} }} }} }}",
    f"{{ buyers(first: 30) {{ nodes {{ timeline(last: 3) {{ {_INFO} nodes {{ __typename ...N }} }} }} }} }} fragment N on Node {{ id ... on TimelineEntry {{ ... on Call {{ topic }} }} }}",
    "{ buyers(first: 30) { nodes { timeline(kinds: [CALL, DEAL_MARKED]) { totalCount nodes { ... on Call { topic } ... on Mark { key } ... on Deal { name } } } } } }",
    "{ buyers(first: 30) { nodes { timeline(kinds: [DEAL_MARKED]) { totalCount nodes { ... on Mark { key } } } } } }",
    "{ buyers(first: 30) { nodes { timeline(kinds: []) { totalCount nodes { __typename } edges { cursor } pageInfo { hasNextPage endCursor } } } } }",
    '{ buyers(first: 30) { nodes { timeline(since: "2026-01-31T09:32:00Z", until: "2026-02-03T10:30:00.000001+01:00") { totalCount edges { at } } } } }',
    "{ buyers(first: 30) { nodes { a: timeline(first: 0) { pageInfo { hasNextPage } nodes { __typename } } b: timeline { totalCount } c: timeline(first: 100, last: null, kinds: null, since: null) { nodes { ... on Mark { version } } pageInfo { hasNextPage } } } } }",
    f'{{ buyer(id: "buyer_{uuid(3, 5)}") {{ timeline {{ edges {{ node {{ ... on Deal {{ buyer {{ timeline(first: 2) {{ edges {{ {_NODE} }} }} }} }} }} }} }} }} }}',
    f'{{ nodes(ids: ["buyer_{uuid(3, 5)}", "deal_{uuid(5, 1)}"]) {{ ... on Buyer {{ timeline(first: 2) {{ nodes {{ ... on Node {{ ... on Mark {{ key }} __typename }} }} }} }} id }} }}',
]


async def test_a_timeline_is_what_graphql_core_answers_over_the_sorted_records(desk: Desk) -> None:
    """Kinds, periods, pages, fragments of every sort on its union, lists in it and it in itself: in one statement."""
    reference = Reference()
    for text in _OPERATIONS:
        desk.statements.clear()
        assert json.dumps(reference.ask(text)) == json.dumps(without_cursors(await desk.ask(text)))
        assert len(desk.statements) == 1


_PAGE = """query ($id: ID!, $f: Int, $a: String, $l: Int, $b: String) { buyer(id: $id) { timeline(first: $f, after: $a, last: $l, before: $b) {
    edges { kind node { ... on Node { id } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


async def _walk(desk: Desk, buyer: str, size: int, *, forward: bool) -> list[Any]:
    found: list[Any] = []
    cursor = None
    for _ in range(100):
        part = {"f": size, "a": cursor} if forward else {"l": size, "b": cursor}
        page = (await desk.ask(_PAGE, {"id": buyer, **part}))["buyer"]["timeline"]
        info, here = page["pageInfo"], page["edges"]
        found = [*found, *here] if forward else [*here, *found]
        assert info["hasPreviousPage" if forward else "hasNextPage"] is (cursor is not None)
        if not info["hasNextPage" if forward else "hasPreviousPage"]:
            break
        cursor = info["endCursor" if forward else "startCursor"]
    return found


async def test_walked_either_way_a_timeline_is_the_same(own_desk: Desk) -> None:
    """Also where several records of several types happened at once, even under one id."""
    await own_desk.database.execute("update call set at = (select created_at from deal where id = $1)", uuid(5, 0))
    await own_desk.database.execute("update deal set created_at = (select at from call where id = $1)", uuid(6, 0))
    await own_desk.database.execute(
        "update mark set id = $1, created_at = (select at from call where id = $2), subject_id = $3, subject_type = 'buyer' where id = $4",
        *(uuid(6, 5), uuid(6, 0), uuid(3, 5), uuid(7, 3)),
    )
    buyer = f"buyer_{uuid(3, 5)}"
    whole = (await own_desk.ask(_PAGE, {"id": buyer, "f": 200}))["buyer"]["timeline"]["edges"]
    assert {"CALL", "DEAL", "MARKED"} <= {edge["kind"] for edge in whole}
    for size in (1, 3, 50):
        assert whole == await _walk(own_desk, buyer, size, forward=True)
        assert whole == await _walk(own_desk, buyer, size, forward=False)


async def test_between_two_cursors(desk: Desk) -> None:
    """`after` and `before` together; what lies beyond each is told."""
    text = _PAGE.replace("edges {", "edges { cursor")
    buyer = f"buyer_{uuid(3, 5)}"
    edges = (await desk.ask(text, {"id": buyer, "f": 200}))["buyer"]["timeline"]["edges"]
    given = {"id": buyer, "a": edges[1]["cursor"], "b": edges[5]["cursor"]}
    for part, expected, ends in (({"f": 2}, edges[2:4], (True, True)), ({"l": 2}, edges[3:5], (True, True))):
        page = (await desk.ask(text, given | part))["buyer"]["timeline"]
        assert expected == page["edges"]
        assert ends == (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"])


_IMPOSSIBLE = (
    ("first: 201", "PAGE_SIZE"),
    ("first: 1, last: 1", "FIRST_AND_LAST"),
    ('after: "5b5d"', "NOT_A_CURSOR"),
    ('after: "5b22612c22226e756c6c5d"', "NOT_A_CURSOR"),
    ('before: "5b2278222c226e225d"', "CURSOR_OF_ANOTHER_ORDER"),
    ('before: "5b2278222c2231222c2232222c2233225d"', "CURSOR_OF_ANOTHER_ORDER"),
    ('after: "5b2274696d656c696e65222c2231222c2232222c2233225d"', "NOT_A_CURSOR"),
)


async def test_an_impossible_page_is_refused(desk: Desk) -> None:
    """As by every list."""
    for arguments, code in _IMPOSSIBLE:
        result = await desk.read(f'{{ buyer(id: "buyer_{uuid(3, 5)}") {{ timeline({arguments}) {{ totalCount }} }} }}')
        [error] = result.errors
        assert code == error.extensions["violations"][0]["code"]  # type: ignore[index]


async def test_a_timeline_in_lists_counts_as_a_list(desk: Desk) -> None:
    """Its page multiplies with theirs."""
    text = "query ($n: Int) { stages(first: $n) { nodes { deals(first: $n) { nodes { buyer { timeline(first: $n) { totalCount } } } } } } }"
    assert "8000000 records" in (await desk.read(text, {"n": 200})).errors[0].message


_FEED = (
    "{ buyers(first: 40) { nodes { id timeline(first: 50) { totalCount nodes { __typename ... on Node { id } } } } } }"
)


async def test_each_source_keeps_to_the_rules_of_its_rows(desk: Desk) -> None:
    """Records one may not see are not in the feed, nor what hangs on them, nor counted."""
    data = rows()
    data["deal"] = [row for row in data["deal"] if row["owner_id"] == ANN]
    data["mark"] = [
        row
        for row in data["mark"]
        if row["subject_type"] in ("buyer", "stage")
        or (row["subject_type"] == "deal" and row["subject_id"] in {deal["id"] for deal in data["deal"]})
    ]
    actor = person(Access(scopes=_ALL | {"deal:read": Scope.OWN}))
    assert Reference(data).ask(_FEED) == await desk.ask(_FEED, actor=actor)


async def test_a_source_one_may_not_see_at_all_is_not_read(desk: Desk) -> None:
    """It costs nothing, and without any source the feed is empty."""
    await desk.ask(_FEED, actor=person(Access(scopes={"buyer:read": Scope.ALL})))
    assert "from deal" not in desk.statements[-1][0]
    only_buyers = await desk.ask(
        _FEED.replace("first: 50", "kinds: [DEAL, DEAL_MARKED]"), actor=person(Access(scopes={"buyer:read": Scope.ALL}))
    )
    assert {(0, ())} == {
        (b["timeline"]["totalCount"], tuple(b["timeline"]["nodes"])) for b in only_buyers["buyers"]["nodes"]
    }


_GONE = {
    ("deal", "createdAt"): {"DEAL"},
    ("deal", "buyerId"): {"DEAL", "DEAL_MARKED"},
    ("deal", "buyer"): {"DEAL", "DEAL_MARKED"},
    ("call", "at"): {"CALL"},
    ("mark", "subject"): {"MARKED", "DEAL_MARKED"},
}


async def test_what_a_field_rule_keeps_back_is_not_told_by_the_feed(desk: Desk) -> None:
    """Without its instant, or a link on the way, a source gives no entries."""
    text = "{ buyers(first: 40) { nodes { timeline(first: 50) { edges { kind } } } } }"
    for hidden, gone in _GONE.items():
        answer = await desk.ask(text, actor=person(Access(scopes=_ALL, effects={hidden: Effect.HIDDEN})))
        kinds = {e["kind"] for b in answer["buyers"]["nodes"] for e in b["timeline"]["edges"]}
        assert {"DEAL", "CALL", "MARKED", "DEAL_MARKED"} - gone == kinds


async def test_fields_of_entries_keep_to_their_rules(desk: Desk) -> None:
    """A masked text is masked in the feed too."""
    access = Access(scopes=_ALL, effects={("call", "topic"): Effect.MASKED})
    text = "{ buyers(first: 40) { nodes { timeline(first: 50, kinds: [CALL]) { nodes { ... on Call { topic } } } } } }"
    answer = await desk.ask(text, actor=person(access))
    assert {"C•••"} == {node["topic"] for b in answer["buyers"]["nodes"] for node in b["timeline"]["nodes"]}


async def test_a_timeline_may_stand_in_lists_of_lists_on_both_databases(desk: Desk) -> None:
    """With everything that can be selected of it, and row rules; deeper, SQLite before 3.46 may refuse to parse it."""
    inner = f"timeline(first: 1) {{ {_INFO} totalCount edges {{ cursor kind at {_NODE} }} }}"
    for _ in range(2):
        inner = f"children(first: 1) {{ {_INFO} totalCount nodes {{ name {inner} }} }}"
    actor = person(Access(scopes={f"{e}:read": Scope.TEAM for e in ENTITIES}))
    await desk.ask(f"{{ buyers(first: 1) {{ nodes {{ {inner} }} }} }}", actor=actor)


async def test_kinds_are_in_the_plan_and_cursors_are_bound(desk: Desk) -> None:
    """So the same page of another timeline costs no compilation."""
    text = "query ($id: ID!, $k: [TimelineKind!]) { buyer(id: $id) { timeline(kinds: $k) { totalCount } } }"
    for number, kinds in ((5, ["CALL", "DEAL"]), (6, ["DEAL", "CALL", "DEAL"]), (7, ["CALL"])):
        await desk.ask(text, {"id": f"buyer_{uuid(3, number)}", "k": kinds})
    assert (1, 2) == (desk.planner.plans.hits, len(desk.planner.plans))
