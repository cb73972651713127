"""What a plugin adds to a core type is filtered, ordered, counted, grouped and selected as the core's own is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work
from tests.plugins import with_side_table

_PEOPLE = (("Ada", 30, "GOLD", "2026-01-15"), ("Bob", 5, "TIN", "2026-01-31"), ("Cyd", 12, "GOLD", "2026-03-01"))


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin with the side table."""
    return (with_side_table,)


async def _fill(work: Work) -> None:
    for name, points, level, day in _PEOPLE:
        person = await actions.create(work, "customer", {"kind": "PERSON", "display_name": name})
        given = {
            "points": points,
            "level": level,
            "joined_on": date.fromisoformat(day),
            "credit": points * 100,
            "credit_currency": "EUR",
        }
        await actions.create(work, "perks_account", {"customer_id": person["id"], **given})
    await actions.create(work, "customer", {"kind": "PERSON", "display_name": "Dan"})


@pytest.fixture
async def asked(crm: Crm) -> Any:
    """A function that asks for the data of an answer, and sees to it that one statement makes it."""
    await crm.run(Actor.system(), _fill)

    async def ask(text: str) -> Any:
        explained = crm.planner.explain(crm.documents.get(text), None, Actor.system())
        assert (explained.errors, explained.sql.count(";")) == ((), 0)
        answer = await crm.execute(text, actor=Actor.system())
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return ask


async def test_a_plugin_s_column_relation_and_expression_are_the_core_s_equals(asked: Any) -> None:
    """The relation and the expression on Customer, and the column behind the relation."""
    text = """{
        selected: customers(orderBy: {field: DISPLAY_NAME}) { nodes { displayName perksPoints perks { points level joinedOn credit { amount currency } } } }
        byExpression: customers(filter: {perksPoints: {gte: 12}}, orderBy: {field: PERKS_POINTS, direction: DESC}) { nodes { displayName } totalCount }
        nullsFirst: customers(orderBy: {field: PERKS_POINTS, nulls: FIRST}, first: 2) { nodes { displayName } }
        byRelation: customers(filter: {perks: {level: {eq: "GOLD"}}}, orderBy: {perks: {field: POINTS}}) { nodes { displayName } }
        without: customers(filter: {not: {perks: {}}}) { nodes { displayName } }
        aggregated: customers { aggregate { count sumPerksPoints maxPerksPoints avgPerksPoints } }
        own: perksAccounts { aggregate { sumPoints sumCredit { amount currency } minJoinedOn countDistinctCustomerId } }
        grouped: customersGroupBy(groupBy: [{perks: {field: LEVEL}}], orderBy: {figure: SUM_PERKS_POINTS, direction: DESC, nulls: LAST}) { key { field value } aggregate { count sumPerksPoints } }
        byMonth: customersGroupBy(groupBy: [{perks: {field: JOINED_ON, grain: MONTH}}]) { key { value } aggregate { count } }
    }"""
    gold = {
        "perksPoints": 30,
        "perks": {
            "points": 30,
            "level": "GOLD",
            "joinedOn": "2026-01-15",
            "credit": {"amount": "30.00", "currency": "EUR"},
        },
    }
    found = await asked(text)
    assert [n["displayName"] for n in found["selected"]["nodes"]] == ["Ada", "Bob", "Cyd", "Dan"]
    assert found["selected"]["nodes"][0] == {"displayName": "Ada", **gold}
    assert found["selected"]["nodes"][3] == {"displayName": "Dan", "perksPoints": None, "perks": None}
    assert found["byExpression"] == {"nodes": [{"displayName": n} for n in ("Ada", "Cyd")], "totalCount": 2}
    assert found["nullsFirst"] == {"nodes": [{"displayName": n} for n in ("Dan", "Bob")]}
    assert found["byRelation"] == {"nodes": [{"displayName": n} for n in ("Cyd", "Ada")]}
    assert found["without"] == {"nodes": [{"displayName": "Dan"}]}
    sums = {"count": 4, "sumPerksPoints": "47", "maxPerksPoints": 30}
    assert found["aggregated"]["aggregate"].pop("avgPerksPoints") == pytest.approx(47 / 3)
    assert found["aggregated"] == {"aggregate": sums}
    assert found["own"]["aggregate"] == {
        "sumPoints": "47",
        "sumCredit": [{"amount": "47.00", "currency": "EUR"}],
        "minJoinedOn": "2026-01-15",
        "countDistinctCustomerId": 3,
    }
    assert [(g["key"][0]["value"], g["aggregate"]["count"]) for g in found["grouped"]] == [
        ("GOLD", 2),
        ("TIN", 1),
        (None, 1),
    ]
    assert [(g["key"][0]["value"], g["aggregate"]["count"]) for g in found["byMonth"]] == [
        ("2026-01-01", 2),
        ("2026-03-01", 1),
        (None, 1),
    ]
