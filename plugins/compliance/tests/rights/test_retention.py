"""What is too old goes, and that it went is proved."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore_compliance.keys.documents import is_signed
from crmcore_compliance.rights.holding import compliance_place_hold
from crmcore_compliance.rights.retention.running import run_all
from crmcore_compliance.state import compliance_of
from rights_world import ada_of, row_of

from crmcore import Actor, errors
from crmcore.testing import TestCrm


async def rule(crm: TestCrm, **values: Any) -> Any:
    """A rule that is enabled."""
    given = {"name": "old", "entity": "interaction", "basis": "occurredAt", "days": 30, "action": "ANONYMISE"}
    return await crm.make("compliance_retention_rule", **{**given, "enabled": True, **values})


async def subject_of_call(crm: TestCrm) -> Any:
    """What the only interaction is about."""
    return await crm.database.fetch_value("select subject from interaction")


async def test_a_dry_run_counts_and_changes_nothing(crm: TestCrm) -> None:
    """It says how many would be met."""
    await ada_of(crm)
    await rule(crm)
    crm.clock.move(days=31)
    (run,) = await run_all(crm, dry_run=True)

    assert (1, 0, 0, True) == (run["met"], run["held"], run["done"], run["dry_run"])
    assert "quarkcall" == await subject_of_call(crm)


async def test_what_is_too_old_is_emptied_and_met_once(crm: TestCrm) -> None:
    """The night after there is nothing left to do; the proof is signed and names no one."""
    await ada_of(crm)
    await rule(crm)
    assert 0 == (await run_all(crm))[0]["done"]
    crm.clock.move(days=31)
    (run,) = await run_all(crm)

    assert (1, 1) == (run["met"], run["done"])
    assert await subject_of_call(crm) is None
    assert is_signed(run["proof"])
    assert 0 == (await run_all(crm))[0]["met"]


async def test_what_a_legal_hold_keeps_does_not_age_out(crm: TestCrm) -> None:
    """It is counted as held."""
    ada = await ada_of(crm)
    await rule(crm)
    await crm.run(Actor.system("t"), lambda work: compliance_place_hold(work, "A lawsuit.", ada))
    crm.clock.move(days=31)
    (run,) = await run_all(crm)

    assert (1, 1, 0) == (run["met"], run["held"], run["done"])
    assert "quarkcall" == await subject_of_call(crm)


async def test_only_a_category_can_age_out(crm: TestCrm) -> None:
    """The name goes, the job stays."""
    ada = await ada_of(crm)
    await rule(crm, entity="customer", basis="createdAt", category="user.name")
    crm.clock.move(days=31)
    await run_all(crm)

    row = await row_of(crm, "customer", ada)
    assert (None, "quarknote") == (row["family_name"], row["job_title"])


async def test_customers_who_are_too_old_are_erased_as_if_they_had_asked(crm: TestCrm) -> None:
    """With their keys, once."""
    ada = await ada_of(crm)
    await rule(crm, entity="customer", basis="createdAt", action="DELETE")
    crm.clock.move(days=31)
    assert 1 == (await run_all(crm))[0]["done"]

    assert await compliance_of(crm).keyring.destroyed(ada) is not None
    assert 0 == (await run_all(crm))[0]["met"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"entity": "unicorn"}, "entity"),
        ({"basis": "subject"}, "basis"),
        ({"category": "user.biometric"}, "category"),
        ({"action": "DELETE", "category": "user.content"}, "category"),
        ({"entity": "compliance_request", "basis": "receivedAt"}, "entity"),
    ],
)
async def test_a_rule_that_could_not_be_carried_out_is_refused(crm: TestCrm, values: Any, path: str) -> None:
    """The refusal names the field."""
    with pytest.raises(errors.Invalid) as refused:
        await rule(crm, **values)
    assert path in {violation.path for violation in refused.value.violations}
