"""`crm webhooks` on a database with an endpoint."""

from __future__ import annotations

import asyncio
import json

import pytest

from crmcore import Crm, Settings, ids
from crmcore.access.actor import Actor
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.webhooks.actions import create_webhook_endpoint
from crmcore.webhooks.dispatcher import Dispatcher
from tests.cli.conftest import Line

#: Nobody listens there.
URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def endpoint(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of an endpoint that leads to a closed port, with a delivery that waits."""
    monkeypatch.setenv("CRM_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("CRM_WEBHOOKS_PLAIN_HTTP", "true")
    settings = {"webhooks": {"allowed_networks": ["127.0.0.0/8"], "plain_http": True}}

    async def made() -> str:
        async with Crm(Settings(database=url, plugins=settings), installed=False) as crm:

            async def unit(work: Work) -> str:
                role = (await work.find("role", key="admin"))[0]
                done = await create_webhook_endpoint(work, URL, ["customer.created"], role_id=role["id"])
                return ids.encode("webhook_endpoint", done.endpoint.id)

            found = await crm.run(Actor.system(), unit)
            values = {"kind": "PERSON", "display_name": "Ada"}
            await crm.run(Actor.system(), lambda work: actions.create(work, "customer", values))
            await Dispatcher(crm).round()
        return found

    return asyncio.run(made())


def test_endpoints_and_deliveries_are_listed(crm_line: Line, endpoint: str) -> None:
    """`list` says how many messages wait, `deliveries` what each is about."""
    (listed,) = json.loads(crm_line("webhooks", "list", "--json").stdout)
    assert (endpoint, URL, ["customer.created"], 1) == tuple(listed[k] for k in ("id", "url", "eventTypes", "waiting"))
    (delivery,) = json.loads(crm_line("webhooks", "deliveries", endpoint, "--json").stdout)
    assert ("customer.created", "waiting", 0) == (delivery["eventType"], delivery["state"], delivery["attempts"])
    assert "Nothing was delivered" in crm_line("webhooks", "deliveries", "--failed").stderr


def test_a_test_says_what_was_answered(crm_line: Line, endpoint: str) -> None:
    """`test` sends at once, and ends with a failure when the receiver does not take it."""
    result = crm_line("webhooks", "test", endpoint)
    assert (1, True) == (result.exit_code, "Error:" in result.stderr)


def test_a_replay_is_put_as_a_job(crm_line: Line, endpoint: str) -> None:
    """`replay` says which job sends the events; an instant without time zone is refused."""
    assert "job_" in crm_line("webhooks", "replay", endpoint, "--since", "2026-01-01T00:00:00Z").stdout
    assert "no time zone" in crm_line("webhooks", "replay", endpoint, "--since", "2026-01-01T00:00:00").stderr
