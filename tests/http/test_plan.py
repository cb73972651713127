"""`extensions.plan`: the statements behind an answer, for those who may see them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from crmcore.access.actor import Access
from crmcore.app import Crm
from tests.http.conftest import client_of
from tests.http.test_metrics import let_in

READ = {"query": "query($n: String) { customers(filter: {displayName: {eq: $n}}) { nodes { id } } }"}
WRITE = {"query": 'mutation { createTag(data: {name: "urgent"}) { ... on Tag { name } } }'}


async def ask(crm: Crm, body: dict[str, Any], plan: Any = True) -> httpx.Response:
    """Send an operation and ask for its plan."""
    async with client_of(crm) as client:
        return await client.post("/graphql", json={**body, "extensions": {"plan": plan}})


async def test_an_answer_shows_its_statements(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQL, parameters, time, and what the database makes of it; the data is what it would be without."""
    let_in(monkeypatch, Access(everything=True))
    answer = (await ask(crm, {**READ, "variables": {"n": "Ünïque"}})).json()
    [statement] = answer["extensions"]["plan"]["statements"]
    assert {"customers": {"nodes": []}} == answer["data"]
    assert ("customer" in statement["sql"], "Ünïque" in statement["sql"]) == (True, False)
    assert "Ünïque" in statement["parameters"]
    assert any("customer" in line for line in statement["plan"])
    assert (crm.database.dialect, 1) == (answer["extensions"]["plan"]["database"], answer["extensions"]["plan"]["ran"])
    assert statement["ms"] > 0


async def test_a_mutation_shows_all_it_did(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What wrote has no plan, and is done once."""
    let_in(monkeypatch, Access(everything=True))
    answer = (await ask(crm, WRITE)).json()
    written = [s for s in answer["extensions"]["plan"]["statements"] if s["sql"].lower().startswith("insert into")]
    assert [None] * len(written) == [s["plan"] for s in written] != []
    assert 1 == await crm.database.fetch_value("select count(*) from tag")


async def test_who_may_not_see_it_is_told(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """403 before anything is run, naming the permission."""
    let_in(monkeypatch, Access(permissions=frozenset({"access.manage"})))
    answer = await ask(crm, WRITE)
    assert (403, True) == (answer.status_code, "access.diagnose" in answer.text)
    assert 0 == await crm.database.fetch_value("select count(*) from tag")


async def test_only_true_asks_for_it(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else clients put into extensions changes nothing."""
    let_in(monkeypatch, Access(everything=True))
    for plan in (False, None, "yes", 1, {}):
        assert "extensions" not in (await ask(crm, READ, plan)).json()
