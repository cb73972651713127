"""The proof is asked for on the command line and through the API."""

from __future__ import annotations

import asyncio
import json

from click.testing import CliRunner
from crmcore_loyalty.verify.commands import replay, trial, verify
from world_to_verify import world

from crmcore.testing import TestCrm

_TRIAL = "query ($id: ID!) { loyaltyTrialBalance(currencyId: $id) { balanced debit credit lines { account credit } } }"


async def _said(crm: TestCrm, command: object, *words: str) -> tuple[int, str]:
    # Commands have an event loop of their own.
    def call() -> tuple[int, str]:
        done = CliRunner().invoke(command, ["--database", crm.database.url, *words])  # type: ignore[arg-type]
        return done.exit_code, done.output

    return await asyncio.to_thread(call)


async def test_a_whole_ledger_is_said_to_be_whole(crm: TestCrm) -> None:
    """By each command, with exit code 0."""
    await world(crm)

    assert (0, "The ledger keeps all its invariants.\n") == await _said(crm, verify)
    assert (0, "Replaying the journal gives the same ledger, byte for byte.\n") == await _said(crm, replay)
    code, said = await _said(crm, trial, "--json")
    assert (0, [0]) == (code, [one["total"] for one in json.loads(said)])
    assert "ISSUED" in (await _said(crm, trial))[1]


async def test_a_broken_ledger_is_told_of(crm: TestCrm) -> None:
    """Exit code 1, and of each violation which member and what to do; no more than asked for."""
    await world(crm)
    await crm.database.execute("update loyalty_account set available = available + 1")

    code, said = await _said(crm, verify, "--json", "--most", "1")
    first = json.loads(said.splitlines()[0])
    assert (1, "I2") == (code, first["invariant"])
    assert first["member_id"]
    assert "Freeze the member" in (await _said(crm, verify))[1]
    assert 1 == (await _said(crm, replay))[0]


async def test_the_trial_balance_needs_its_permission(crm: TestCrm) -> None:
    """Debit and credit are equal; whoever may not see reports sees nothing."""
    currency, _ = await world(crm)
    id = {"id": f"loyalty_currency_{currency}"}

    balance = (await crm.execute(_TRIAL, id))["data"]["loyaltyTrialBalance"]
    refused = await crm.execute(_TRIAL, id, as_="sales")
    wrong = await crm.execute(_TRIAL, {"id": "nonsense"})

    assert (True, balance["debit"]) == (balance["balanced"], balance["credit"])
    assert "FORBIDDEN" == refused["errors"][0]["extensions"]["code"]
    assert "VALIDATION" == wrong["errors"][0]["extensions"]["code"]
