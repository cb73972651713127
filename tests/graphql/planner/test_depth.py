"""Pages deep in a long list: an index finds them, and they cost what the pages before them cost."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from crmcore.database import Database
from crmcore.graphql.planner import Documents, Planner
from tests.graphql.planner import depth
from tests.graphql.planner.world import ROOT
from tests.graphql.work import work

if TYPE_CHECKING:
    from crmcore.testing.postgresql import Server

_LEAVES = 12_000
_PAGE = """query ($o: [LeafOrder!], $f: Int, $a: String, $l: Int, $b: String, $alone: Boolean = false) {
    leaves(orderBy: $o, first: $f, after: $a, last: $l, before: $b) {
        nodes { number weight } pageInfo @skip(if: $alone) { hasNextPage hasPreviousPage } } }"""
_PLACE = "query ($o: [LeafOrder!], $n: Int) { leaves(orderBy: $o, first: 1, filter: {number: {eq: $n}}) { pageInfo { endCursor } } }"
#: So many leaves from one measured place to the next; those of a color are five times as many.
_STEP = _LEAVES // 100

#: What it is to an index, the keys, and which pages are like each other: those of one color, those weighed or not weighed.
_ORDERS: dict[str, tuple[list[dict[str, str]], tuple[int, ...]]] = {
    "id": ([], (1, 50, 98)),
    "never null": ([{"field": "AT"}], (1, 50, 98)),
    "nulls last": ([{"field": "WEIGHT"}], (1, 30, 60)),
    "nulls last, among them": ([{"field": "WEIGHT"}], (68, 80, 98)),
    "nulls first": ([{"field": "WEIGHT", "nulls": "FIRST"}], (35, 50, 98)),
    "descending, nulls first": ([{"field": "WEIGHT", "direction": "DESC"}], (35, 50, 98)),
    "two keys": ([{"field": "COLOR", "direction": "DESC"}, {"field": "AT", "direction": "DESC"}], (1, 50, 98)),
    "two directions": ([{"field": "COLOR"}, {"field": "AT", "direction": "DESC"}], (1, 50, 98)),
}
_ORDERED = pytest.mark.parametrize(("order", "pages"), _ORDERS.values(), ids=_ORDERS)


class Tree:
    """The long list, and what asking it takes."""

    def __init__(self, database: Database) -> None:
        self._database, self._statements = database, list[tuple[str, tuple[Any, ...]]]()
        self._documents = Documents(depth.schema().graphql)
        self._planner = Planner(depth.ENTITIES, depth.schema().graphql, database.dialect)

    async def ask(self, text: str, **given: Any) -> Any:
        """Return the list."""
        operation = self._documents.get(text)
        result = await self._planner.read(self, operation, self._planner.coerce(operation, given), ROOT)
        assert result.errors == []
        return json.loads(result.json)["leaves"]

    async def place(self, order: Any, page: int) -> str:
        """Return the cursor in the middle of a page, were there `_STEP` on each."""
        number = depth.ordered(order, _LEAVES)[page * _STEP + _STEP // 2]
        return str((await self.ask(_PLACE, o=order, n=number))["pageInfo"]["endCursor"])

    async def work(self, **given: Any) -> int:
        """Return what a page costs."""
        await self.ask(_PAGE, **given)
        return await work(self._database, *self._statements[-1])

    async def steps(self, **given: Any) -> str:
        """Return how a page is found."""
        await self.ask(_PAGE, **given)
        sql, params = self._statements[-1]
        return await depth.steps(self._database, sql, params)

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement for the planner."""
        self._statements.append((sql, params))
        return await self._database.fetch(sql, *params)

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Run a statement of one row for the planner."""
        self._statements.append((sql, params))
        return await self._database.row(sql, *params)


@pytest.fixture(scope="module")
def tree_url(crm_dialect: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """The URL of a database with the long list, which is only read."""
    server: Server | None = None
    if crm_dialect == "postgresql":
        server = request.getfixturevalue("crm_postgresql")
    url = server.url("tree") if server else f"sqlite:///{tmp_path_factory.mktemp('tree') / 'crm.db'}"

    async def make() -> None:
        if server:
            admin = await asyncpg.connect(server.url("postgres"))
            await admin.execute("create database tree")
            await admin.close()
        database = Database.from_url(url)
        await database.open()
        await depth.fill(database, _LEAVES)
        await database.close()

    asyncio.run(make())
    return url


@pytest.fixture
async def tree(tree_url: str) -> AsyncIterator[Tree]:
    """The long list."""
    database = Database.from_url(tree_url)
    await database.open()
    yield Tree(database)
    await database.close()


async def _around(tree: Tree, order: Any, page: int) -> tuple[dict[str, Any], dict[str, Any]]:
    cursor = await tree.place(order, page)
    return {"o": order, "f": 20, "a": cursor}, {"o": order, "l": 20, "b": cursor}


@_ORDERED
async def test_a_deep_page_costs_what_one_near_the_beginning_costs(
    tree: Tree, order: Any, pages: tuple[int, ...]
) -> None:
    """Counted in instructions of SQLite and blocks of PostgreSQL, asking for what precedes and follows it too."""
    places = [await _around(tree, order, page) for page in pages]
    for works in (
        [await tree.work(**after) for after, _ in places],
        [await tree.work(**before) for _, before in places],
    ):
        assert max(works) <= 1.2 * min(works) + 5


@_ORDERED
async def test_what_is_around_a_page_costs_less_than_another_page(
    tree: Tree, order: Any, pages: tuple[int, ...]
) -> None:
    """Of the parts of the list on either side, only those are looked at that are needed to know."""
    for given in await _around(tree, order, pages[-1]):
        assert await tree.work(**given) <= 2 * await tree.work(**given, alone=True) + 50


@pytest.mark.parametrize("nulls", ["FIRST", "LAST"])
@pytest.mark.parametrize("part", ["f", "l"])
async def test_the_first_page_costs_the_same_wherever_nulls_stand(tree: Tree, nulls: str, part: str) -> None:
    """No index of PostgreSQL has them at both ends; and the last page likewise."""
    expected = await tree.work(o=[{"field": "AT"}], **{part: 20}, alone=True)
    for direction in ("ASC", "DESC"):
        order = [{"field": "WEIGHT", "nulls": nulls, "direction": direction}]
        assert await tree.work(o=order, **{part: 20}, alone=True) <= 2 * expected


async def test_a_page_in_the_order_of_linked_records_begins_with_these(tree: Tree) -> None:
    """Where they have an index on the field, and the list one on the link; only what has no link is looked for in all of it."""
    expected = await tree.work(o=[{"field": "AT"}], f=20, alone=True)
    order = [{"branch": {"field": "NAME"}}]
    cursor = str((await tree.ask(_PLACE, o=order, n=7_777))["pageInfo"]["endCursor"])
    for part in ({"f": 20}, {"f": 20, "a": cursor}, {"l": 20, "b": cursor}):
        assert await tree.work(o=order, **part, alone=True) <= 10 * expected


@_ORDERED
async def test_a_deep_page_is_that_of_the_order(tree: Tree, order: Any, pages: tuple[int, ...]) -> None:
    """What is measured is the right answer."""
    place, numbers = pages[-1] * _STEP + _STEP // 2, depth.ordered(order, _LEAVES)
    after, before = [await tree.ask(_PAGE, **given) for given in await _around(tree, order, pages[-1])]
    assert [n["number"] for n in after["nodes"]] == numbers[place + 1 : place + 21]
    assert [n["number"] for n in before["nodes"]] == numbers[place - 20 : place]
    assert after["pageInfo"] == before["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": True}


@_ORDERED
async def test_a_page_between_two_cursors_ends_at_both(tree: Tree, order: Any, pages: tuple[int, ...]) -> None:
    """From whichever end it is counted."""
    begin, end = ((page * _STEP + _STEP // 2) for page in (pages[0], pages[0] + 1))
    ends = {"a": await tree.place(order, pages[0]), "b": await tree.place(order, pages[0] + 1)}
    expected = depth.ordered(order, _LEAVES)[begin + 1 : end]
    for part in ({"f": 150}, {"l": 150}):
        found = await tree.ask(_PAGE, o=order, **part, **ends)
        assert [node["number"] for node in found["nodes"]] == expected


@_ORDERED
async def test_an_index_finds_a_deep_page(tree: Tree, order: Any, pages: tuple[int, ...]) -> None:
    """The page and what is around it: no table is read through."""
    for given in await _around(tree, order, pages[-1]):
        found = await tree.steps(**given)
        assert "Seq Scan" not in found
        # Where the page comes from several parts, SQLite scans what it calls t1 too: the page.
        assert len(re.findall(r"SCAN t1$", found, re.MULTILINE)) == found.count("CO-ROUTINE t1")
        assert "SCAN t1 USING" not in found
        assert len(re.findall(r"SEARCH t1 USING|Index (?:Only )?Scan", found)) >= 3
