"""`extensions.handlers`: which plugin's handlers took how long in a request, for those who may see it."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access.actor import Access
from crmcore.app import Crm
from tests.http.conftest import client_of
from tests.http.test_metrics import let_in


async def create(crm: Crm, *names: str, **extensions: Any) -> dict[str, Any]:
    """Make customers and ask for extensions."""
    data = [{"kind": "PERSON", "displayName": name} for name in names]
    text = (
        "mutation($data: [CreateCustomerInput!]!) { createCustomers(data: $data) { ... on CustomerBatch { failed } } }"
    )
    async with client_of(crm) as client:
        answer = await client.post(
            "/graphql", json={"query": text, "variables": {"data": data}, "extensions": extensions}
        )
    return {"status": answer.status_code, **answer.json()}


async def test_handlers_are_told_of(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plugin, handler, event, how often and how long; what a handler caused counts for whoever it is, and once."""
    let_in(monkeypatch, Access(everything=True))
    answer = await create(crm, "Ann", "Twin", handlers=True)
    told = {row["handler"]: row for row in answer["extensions"]["handlers"] if row["plugin"] == "weeds"}
    assert {("weeds.veto", "CustomerCreated", 3), ("weeds.tag", "CustomerCreated", 3)} == {
        (row["handler"], row["event"], row["times"]) for row in told.values()
    }
    tag = told["weeds.tag"]
    assert 0 < tag["ms"] < tag["msWithCaused"]
    assert ["handlers"] == list(answer["extensions"])
    assert ["plan", "handlers"] == list((await create(crm, "Ann", handlers=True, plan=True))["extensions"])
    assert "extensions" not in await create(crm, "Ben", handlers=1)


async def test_who_may_not_see_it_is_told(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """403 before anything is run, naming the permission."""
    let_in(monkeypatch, Access(permissions=frozenset({"jobs.manage"})))
    answer = await create(crm, "Ann", handlers=True)
    assert 403 == answer["status"]
    assert "access.diagnose" in str(answer)
    assert 0 == await crm.database.fetch_value("select count(*) from customer")


async def test_a_veto_is_no_failure_and_a_bug_is(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Figures count both as runs; and the log names what is slow, and whose it is."""
    let_in(monkeypatch, Access(everything=True))
    monkeypatch.setattr("crmcore.events.watched.SLOW", 0.0)
    figure = crm.health.figures.of("inside", "weeds", "weeds.veto")
    runs, failures = figure.runs, figure.failures
    await create(crm, "Nettle")
    assert (runs + 1, failures) == (figure.runs, figure.failures)
    await create(crm, "Bug")
    assert (runs + 2, failures + 1, "ValueError: a bug") == (figure.runs, figure.failures, figure.error)
    assert "Handler weeds.veto of plugin 'weeds' held the transaction for" in caplog.text
