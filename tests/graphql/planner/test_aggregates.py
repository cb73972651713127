"""Figures of whole lists: exact, the same on both databases, of what the actor may see, and free unless selected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import GraphQLObjectType

from crmcore.access.actor import Access, Effect, Scope
from crmcore.graphql.planner import ReadResult
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.reference import Record, Reference
from tests.graphql.planner.totals import figures_of, selection
from tests.graphql.planner.world import ANN, ENTITIES, Row, person, rows, schema

_ALL = {f"{name}:read": Scope.ALL for name in ENTITIES}


def object_type(name: str) -> GraphQLObjectType:
    """Return an object type of the schema."""
    found = schema().graphql.get_type(name)
    assert isinstance(found, GraphQLObjectType)
    return found


def _live(entity: str) -> list[Row]:
    return [row for row in rows()[entity] if row["deleted_at"] is None]


def test_the_figures_of_an_entity_follow_from_the_kinds_of_its_fields() -> None:
    """Numbers and money are added up, times and texts have ends, choices and links are counted, a plugin's field too."""
    names = set(object_type("BuyerAggregate").fields)
    assert {"count", "sumSize", "avgSize", "minSize", "maxSize", "sumCredit", "avgCredit", "countVip"} <= names
    assert {"countDistinctPhase", "countDistinctParentId", "minSeenAt", "maxBornOn", "minName"} <= names
    assert {"sumNameLength", "avgNameLength"} <= names
    assert not {"sumName", "countDistinctName", "minPhase", "minVip", "countDistinctId", "minExtra"} & names


@pytest.mark.parametrize("entity", ["buyer", "deal", "call", "stage"])
async def test_every_figure_of_a_list_is_what_exact_arithmetic_gives(desk: Desk, entity: str) -> None:
    """Of all rows, of those that a filter leaves, of none; beyond 64 bits too."""
    plural, every = ENTITIES[entity].plural, selection(entity)
    live = _live(entity)
    chosen = live[len(live) // 2]["created_at"]
    text = f"""query ($at: DateTime) {{ all: {plural}(first: 1) {{ nodes {{ id }} aggregate {{ {every} }} }}
        some: {plural}(filter: {{createdAt: {{gt: $at}}}}) {{ aggregate {{ {every} }} }}
        none: {plural}(filter: {{id: {{in: []}}}}) {{ aggregate {{ {every} }} }} }}"""
    answer = await desk.ask(text, {"at": chosen.isoformat()})
    assert list(answer["all"]["aggregate"].items()) == list(figures_of(entity, live).items())
    assert answer["some"]["aggregate"] == figures_of(entity, [r for r in live if r["created_at"] > chosen])
    assert answer["none"]["aggregate"] == figures_of(entity, [])


async def test_lists_of_records_have_their_own_figures(desk: Desk) -> None:
    """Each record's list is added up apart, lists in lists too, in one statement."""
    text = f"""{{ buyers(first: 40, orderBy: {{field: ID}}) {{ nodes {{ id deals {{ aggregate {{ {selection("deal")} }} nodes {{ stage {{ deals(filter: {{name: {{contains: "1"}}}}) {{
        aggregate {{ count sumAmount {{ currency amount }} }} }} }} }} }} children {{ aggregate {{ {selection("buyer")} }} }} }} }} }}"""
    reference, expected = Reference(), []
    fields = ENTITIES.fields("buyer")
    for row in sorted(_live("buyer"), key=lambda row: row["id"].bytes):
        record = Record("buyer", row)
        found = {name: [r.row for r in reference.related(record, fields[name])] for name in ("deals", "children")}  # type: ignore[arg-type]
        expected.append((figures_of("deal", found["deals"]), figures_of("buyer", found["children"])))
    answer = await desk.ask(text)
    assert [(b["deals"]["aggregate"], b["children"]["aggregate"]) for b in answer["buyers"]["nodes"]] == expected
    of_stages = {json.dumps(d["stage"]) for b in answer["buyers"]["nodes"] for d in b["deals"]["nodes"]}
    assert len(of_stages) == 3
    assert len(desk.statements) == 1


async def test_figures_are_selected_as_all_fields_are(desk: Desk) -> None:
    """Aliases, fragments, directives, merged selections and type names, in the order of the document."""
    text = """query ($no: Boolean!) { buyers { aggregate { x: count ...More count @skip(if: $no) sumCredit { c: currency __typename } } aggregate { sumCredit { amount } } } }
        fragment More on BuyerAggregate { __typename y: count ... on BuyerAggregate { maxSize } }"""
    found = (await desk.ask(text, {"no": True}))["buyers"]["aggregate"]
    assert list(found) == ["x", "__typename", "y", "maxSize", "sumCredit"]
    assert (found["x"], found["y"], found["__typename"]) == (28, 28, "BuyerAggregate")
    assert list(found["sumCredit"][0]) == ["c", "__typename", "amount"]


async def _changed(desk: Desk, **columns: list[Any]) -> None:
    """Keep as many deals as there are values, and give them these."""
    some = [row["id"] for row in _live("deal")]
    count = len(next(iter(columns.values())))
    await desk.database.execute("delete from deal")
    names = ["id", "version", "created_at", "updated_at", "created_by", "updated_by", "name", "stage_id", *columns]
    places = ", ".join(f"${n + 1}" for n in range(len(names)))
    first = rows()["deal"][0]
    stamps = [first["created_at"], first["created_at"], "{}", "{}"]
    values = [[some[n], 1, *stamps, "D", first["stage_id"], *(c[n] for c in columns.values())] for n in range(count)]
    await desk.database.execute_many(f"insert into deal ({', '.join(names)}) values ({places})", values)


_AVERAGES: list[tuple[list[int], str, str]] = [
    ([1, 2], "EUR", "0.02"),
    ([2, 3], "EUR", "0.02"),
    ([-1, -2], "EUR", "-0.02"),
    ([-2, -3], "EUR", "-0.02"),
    ([1, 1, 0], "JPY", "1"),
    ([-1, -1, 0], "JPY", "-1"),
    ([0, 0, 1], "KWD", "0.000"),
    ([2**63 - 1, 2**63 - 1, 2**63 - 2], "CLF", "922337203685477.5807"),
    ([-(2**63), -(2**63)], "EUR", "-92233720368547758.08"),
]


async def test_averages_of_money_are_rounded_half_to_even(own_desk: Desk) -> None:
    """To the digits of the currency, negative ones and the largest alike."""
    text = "{ deals { aggregate { avgAmount { amount currency } } } }"
    for minors, currency, expected in _AVERAGES:
        await _changed(own_desk, amount=minors, amount_currency=[currency] * len(minors))
        found = (await own_desk.ask(text))["deals"]["aggregate"]["avgAmount"]
        assert found == [{"amount": expected, "currency": currency}], minors


async def test_numbers_add_up_as_they_are_written_whatever_their_order(own_desk: Desk) -> None:
    """0.1 + 0.2 is 0.3; what is too large for a number is null; what is too small to be divided is 0."""
    text = "{ buyers(filter: {ratio: {isNull: false}}) { aggregate { sumRatio avgRatio } } }"
    for values, total, mean in [
        ([0.1, 0.2], 0.3, 0.15),
        ([1e300, 1.0, -1e300], 1.0, 1 / 3),
        ([1.7e308, 1.7e308], None, None),
        ([1.7e308, 1.7e308, -1.7e308], 1.7e308, 1.7e308 / 3),
        ([5e-324, 5e-324], 1e-323, 0.0),
        ([-0.0, 0.0], 0.0, 0.0),
    ]:
        await own_desk.database.execute("update buyer set ratio = null")
        for row, value in zip(_live("buyer"), values, strict=False):
            await own_desk.database.execute("update buyer set ratio = $1 where id = $2", value, row["id"])
        found = (await own_desk.ask(text))["buyers"]["aggregate"]
        assert found == {"sumRatio": total, "avgRatio": mean}, values


async def test_figures_are_of_what_the_actor_may_see(desk: Desk) -> None:
    """As if the other rows were not there: in lists of records, and through a guarded relation too."""
    actor = person(Access(scopes=_ALL | {"deal:read": Scope.OWN}))
    mine = [row for row in _live("deal") if row["owner_id"] == ANN]
    text = f"{{ deals {{ aggregate {{ {selection('deal')} }} }} stages {{ nodes {{ deals {{ aggregate {{ count }} }} }} }} }}"
    answer = await desk.ask(text, actor=actor)
    assert answer["deals"]["aggregate"] == figures_of("deal", mine)
    assert sum(s["deals"]["aggregate"]["count"] for s in answer["stages"]["nodes"]) == len(mine) < len(_live("deal"))


def _refused(result: ReadResult) -> list[tuple[str, str]]:
    return [(e.path[-1], e.extensions["code"]) for e in result.errors or []]  # type: ignore[index, misc]


@pytest.mark.parametrize("effect", [Effect.MASKED, Effect.HIDDEN])
async def test_no_figure_tells_of_a_field_that_is_kept_back(desk: Desk, effect: Effect) -> None:
    """Neither of numbers, money, times, texts, choices nor of a link whose relation is hidden; others are answered."""
    names = ["size", "credit", "seenAt", "name", "phase", "parent", "vip"]
    actor = person(Access(scopes=_ALL, effects={("buyer", name): effect for name in names}))
    for figure in (
        "sumSize",
        "maxCredit { amount }",
        "minSeenAt",
        "maxName",
        "countDistinctPhase",
        "countDistinctParentId",
        "countVip",
    ):
        result = await desk.read(
            f"{{ buyers {{ aggregate {{ count {figure} }} }} deals {{ totalCount }} }}", actor=actor
        )
        assert _refused(result) == [(figure.split()[0], "FORBIDDEN")], figure
    assert await desk.ask("{ buyers { aggregate { count sumRank } } }", actor=actor)


async def test_only_what_is_selected_costs_and_figures_share_a_scan(desk: Desk) -> None:
    """No figure, no scan; many figures, one; one more for each further way to part the rows."""

    async def scans(selected: str) -> int:
        desk.statements.clear()
        await desk.ask(f"{{ deals {{ {selected} }} }}")
        [(sql, _)] = desk.statements
        return sql.count("from deal ")

    assert await scans("nodes { id }") == 1
    assert await scans("aggregate { count }") == 1
    assert (
        await scans("aggregate { count minCreatedAt sumVersion avgVersion sumAmount { amount } maxAmount { amount } }")
        == 1
    )
    assert await scans("aggregate { count countDistinctBuyerId countDistinctStageId }") == 1
    assert await scans("aggregate { count countDistinctBuyerId sumAmount { amount } }") == 2
    assert await scans("aggregate { __typename } pageInfo { __typename }") == 0
