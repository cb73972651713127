"""Statements: one an operation, values bound and never written, plans shared by all values of one shape."""

from __future__ import annotations

import re
import sqlite3

import pytest

from crmcore.access.actor import Access, Scope
from crmcore.database import Database
from crmcore.graphql.planner import Documents, Limits
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.reference import Reference
from tests.graphql.planner.world import ANN, BOB, ENTITIES, ROOT, person, schema, uuid

_CANARY = "canary'); drop table buyer; --"
_NEST = """query ($f: BuyerFilter, $n: Int, $o: [BuyerOrder!], $a: String, $id: ID!) {
    buyers(filter: $f, first: $n, orderBy: $o, after: $a) { nodes { name deals(first: $n) { nodes { name stage { name } } } } totalCount }
    buyer(id: $id) { name } node(id: $id) { id } nodes(ids: [$id]) { id } }"""


async def test_no_value_of_a_client_is_in_the_text_of_a_statement(desk: Desk) -> None:
    """Texts, numbers, instants, ids, lists and cursors from variables and from literals are parameters.

    Sizes of pages may stand there, as whole numbers of at most three digits: see test_steady.py.
    """
    words = {
        "name": {"eq": _CANARY, "in": [_CANARY], "contains": _CANARY},
        "size": {"lt": 777_001},
        "ratio": {"gt": 777_002.5},
        "serial": {"gt": "777003"},
        "seenAt": {"lt": "2777-01-01T00:00:00Z"},
        "bornOn": {"lt": "2777-01-01"},
        "credit": {"amount": {"lt": "7770.04"}, "currency": {"eq": "CHF"}},
    }
    page = await desk.ask("{ buyers(first: 1, orderBy: {field: NAME}) { pageInfo { endCursor } } }")
    cursor = page["buyers"]["pageInfo"]["endCursor"]
    given = {"f": words, "n": 177, "o": [{"field": "NAME"}], "a": cursor, "id": f"buyer_{uuid(3, 4)}"}
    await desk.ask(_NEST, given)
    await desk.ask(
        f'{{ buyers(first: 177, filter: {{name: {{eq: "{_CANARY}"}}, size: {{lt: 777001}}}}) {{ nodes {{ id }} }} }}'
    )
    for sql, params in desk.statements[1:]:
        assert not re.search(r"canary|777|7770|2777|CHF|0190", sql)
        assert not re.search("177", re.sub(r"(limit|offset) 177\b", "", sql))
        assert "177" in map(str, params)


async def test_an_enum_or_a_boolean_is_bound_although_the_plan_knows_it(desk: Desk) -> None:
    """The shape says which; the text of the statement does not."""
    await desk.ask("{ buyers(filter: {phase: {eq: ACTIVE}, vip: {eq: true}}) { nodes { id } } }")
    sql, params = desk.statements[0]
    assert "ACTIVE" not in sql
    assert set(params) == {"ACTIVE", True}


async def test_an_operation_is_one_statement_however_much_it_asks_for(desk: Desk) -> None:
    """Several roots, lists in lists, computed fields."""
    await desk.ask("""{ a: buyers { nodes { greeting children { nodes { deals { nodes { stage { deals { totalCount } } } } } } } }
        b: deals { nodes { buyer { calls { nodes { topic } } } } } c: stages { totalCount } }""")
    assert len(desk.statements) == 1


async def test_a_plan_is_shared_by_all_values_of_one_shape(desk: Desk) -> None:
    """Another value is a hit; a null, an absent key, a flag or another enum member is another plan."""
    query = "query ($f: BuyerFilter, $y: Boolean!) { buyers(filter: $f) { nodes { id name @include(if: $y) } } }"
    for name in ("a", "b", "c"):
        await desk.ask(query, {"f": {"name": {"eq": name}}, "y": True})
    assert (desk.planner.plans.hits, desk.planner.plans.misses) == (2, 1)
    assert len({sql for sql, _ in desk.statements}) == 1
    for given in (
        {"name": {"eq": None}},
        {"name": {"ne": "a"}},
        {"phase": {"eq": "LEAD"}},
        {"phase": {"eq": "LOST"}},
        None,
    ):
        await desk.ask(query, {"f": given, "y": True})
    await desk.ask(query, {"f": {"name": {"eq": "a"}}, "y": False})
    assert (desk.planner.plans.hits, desk.planner.plans.misses) == (2, 7)


async def test_a_list_is_one_parameter(desk: Desk) -> None:
    """So its length is not part of the plan."""
    for names in (["a"], ["a", "b", "c"]):
        await desk.ask("query ($n: [String!]) { buyers(filter: {name: {in: $n}}) { totalCount } }", {"n": names})
    assert desk.planner.plans.hits == 1


async def test_plans_are_bounded(desk: Desk) -> None:
    """The least recently used goes."""
    desk.planner.plans.size = 2
    for fields in ("id", "name", "rank", "size"):
        await desk.ask(f"{{ buyers {{ nodes {{ {fields} }} }} }}")
    assert len(desk.planner.plans) == 2


async def test_explain_gives_the_statement_that_read_runs(desk: Desk) -> None:
    """And what is bound to it, without running it."""
    query, given = "query ($id: ID!) { buyer(id: $id) { name } }", {"id": f"buyer_{uuid(3, 4)}"}
    explained = desk.planner.explain(desk.documents.get(query), given, ROOT)
    assert desk.statements == []
    await desk.ask(query, given)
    assert [(explained.sql, explained.parameters)] == desk.statements
    assert explained.parameters == (uuid(3, 4),)


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        ('{name: {eq: "a\\u0000b"}}', "U+0000"),
        ("{ratio: {gt: 1e999}}", "too large"),
        ('{id: {eq: "deal_01900000-0000-7000-8000-000000000000"}}', "Expected a buyer id, got deal_"),
        ('{ownerId: {in: ["nonsense"]}}', "not an id"),
        ('{credit: {amount: {gt: "1"}}}', "within one currency"),
        ('{credit: {amount: {gt: "1.001"}, currency: {eq: "EUR"}}}', "EUR has 2 decimal digits"),
        ("{rank: {gt: null}}", "use isNull"),
        ("{rank: {in: null}}", "use isNull"),
    ],
)
async def test_an_operand_that_means_nothing_is_refused_with_its_path(desk: Desk, filter_: str, words: str) -> None:
    """Before a database could choke on it."""
    result = await desk.read(f"{{ buyers(filter: {filter_}) {{ totalCount }} }}")
    [error] = result.errors
    assert words in error.message
    assert error.extensions["violations"][0]["path"].startswith("filter.")  # type: ignore[index]
    assert desk.statements == []


async def test_half_of_a_character_is_refused(desk: Desk) -> None:
    """JSON can write one; no database stores it."""
    result = await desk.read("query ($n: String) { buyers(filter: {name: {eq: $n}}) { totalCount } }", {"n": "\ud800"})
    assert "lone surrogate" in result.errors[0].message


async def test_a_filter_of_a_thousand_conditions_is_refused(desk: Desk) -> None:
    """What becomes SQL is bounded apart from the size of the request."""
    query = "query ($f: BuyerFilter) { buyers(filter: $f) { totalCount } }"
    wide = {"or": [{"rank": {"eq": n}} for n in range(1000)]}
    deep: dict[str, object] = {}
    for _ in range(30):
        deep = {"not": deep}
    for filter_ in (wide, deep):
        result = await desk.read(query, {"f": filter_})
        assert "ask in smaller steps" in result.errors[0].message


async def test_what_a_database_cannot_nest_is_refused_not_a_bug(desk: Desk) -> None:
    """SQLite's parser has a stack of 100 symbols; PostgreSQL takes it."""
    inner = "credit { amount }"
    for _ in range(8):
        inner = f"children(first: 1) {{ nodes {{ {inner} }} }}"
    desk.documents = Documents(schema().graphql, limits=Limits(depth=30))
    result = await desk.read(f"{{ buyers(first: 1) {{ nodes {{ {inner} }} }} }}")
    messages = [e.message for e in result.errors]
    assert all("more than this database can take" in m for m in messages)
    assert bool(messages) is (desk.database.dialect == "sqlite" and sqlite3.sqlite_version_info < (3, 46))


async def test_the_deepest_document_that_is_allowed_runs_on_both_databases(desk: Desk) -> None:
    """Six lists in each other, with everything that can be selected of each, and row rules."""
    every = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount edges { cursor }"
    some = "id name seenAt vip credit { amount currency } createdBy { label } owner { name }"
    order = '(last: 2, orderBy: {field: VERSION}, filter: {createdAt: {gt: "2020-01-01T00:00:00Z"}})'
    inner = f"{some} parent {{ name }}"
    for _ in range(5):
        inner = f"children{order} {{ nodes {{ {inner} {some} }} {every} }}"
    actor = person(Access(scopes={f"{e}:read": Scope.TEAM for e in ENTITIES}))
    desk.documents = Documents(schema().graphql, limits=Limits(aliases=100, tokens=5000))
    await desk.ask(f"{{ buyers(first: 1) {{ nodes {{ {inner} }} {every} }} }}", actor=actor)


async def test_the_actor_is_bound_not_written(desk: Desk) -> None:
    """So two people with the same rights share a plan."""
    access = Access(scopes={"buyer:read": Scope.OWN})
    for user in (ANN, BOB):
        await desk.ask("{ buyers { totalCount } }", actor=person(access, user, ()))
    assert desk.planner.plans.hits == 1
    assert [params for _, params in desk.statements] == [(ANN,), (BOB,)]


async def test_an_object_may_have_more_members_than_a_function_has_arguments(desk: Desk) -> None:
    """SQLite's json_object takes 63 pairs, PostgreSQL's concat 100 pieces."""
    desk.documents = Documents(schema().graphql, limits=Limits(aliases=1000, tokens=5000, fields=1000))
    fields = " ".join(f"a{n}: name b{n}: rank" for n in range(70))
    long = "x" * 70
    query = f"{{ buyers(first: 1) {{ nodes {{ {fields} {long}: id parent {{ {fields} {long}: id }} deals {{ totalCount }} }} edges {{ node {{ {fields} }} }} }} }}"
    assert await desk.ask(query) == Reference().ask(query)


async def test_a_shape_is_prepared_once_whatever_is_bound(desk: Desk) -> None:
    """Each parameter has its type from the declaration, so that no value, and no length of a list, makes another statement."""
    if desk.database.dialect == "sqlite":
        pytest.skip("SQLite's values have types of their own")
    query = """query ($n: Int, $f: BuyerFilter) { buyers(first: $n, filter: $f) { nodes { name } pageInfo { hasNextPage } } }"""
    database = Database.from_url(desk.database.url, pool_size=1)
    desk.database, shared = database, desk.database
    try:
        for size in range(1, 9):
            filter_ = {
                "rank": {"lt": size},
                "ratio": {"gt": size / 3},
                "name": {"in": ["a"] * size},
            }
            await desk.ask(query, {"n": size, "f": {**filter_, "seenAt": {"gt": f"202{size}-01-01T00:00:00Z"}}})
        sql, _ = desk.statements[0]
        prepared = "select generic_plans + custom_plans, parameter_types::text from pg_prepared_statements where statement = $1"
        [(runs, types)] = await database.fetch(prepared, sql)
    finally:
        await database.close()
        desk.database = shared
    assert (8, {sql}) == (runs, {text for text, _ in desk.statements})
    assert all(
        type_ in types for type_ in ("bigint", "integer", "double precision", "text[]", "timestamp with time zone")
    )
