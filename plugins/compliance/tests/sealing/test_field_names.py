"""A field has one name, that of the settings, wherever it is named; the column's name is understood, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from click.testing import CliRunner
from crmcore_compliance.state import compliance_of
from sealed_acts import create

from crmcore.cli import main
from crmcore.testing import TestCrm

Call = Callable[..., Awaitable[tuple[int, str]]]
WORK = """mutation ($field: String!) {
    complianceWorkOnField(field: $field, task: RESEAL) { ... on ComplianceSealing { field } ... on Problem { code message } }
}"""


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """As the settings name them."""
    return ("customer.familyName", "contactPoint.value")


@pytest.fixture
def said(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call `crm compliance …`; it gives the exit code and what was said, on either stream."""
    settings = compliance_of(crm).settings
    for name in ("tenant", "kms", "keystore"):
        monkeypatch.setenv(f"CRM_COMPLIANCE_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CRM_COMPLIANCE_SEALED", "customer.familyName,contactPoint.value")
    monkeypatch.setenv("CRM_DATABASE", crm.settings.database)

    async def call(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["compliance", *words])
        return result.exit_code, result.output

    return call


async def test_commands_take_either_name_and_say_that_of_the_settings(crm: TestCrm, said: Call) -> None:
    """`reseal`, `status`, and the register."""
    await create(crm, "customer", kind="PERSON", family_name="Lovelace")
    answers = [await said("reseal", "customer.familyName"), await said("reseal", "customer.family_name")]
    answers += [await said("status"), await said("fields")]

    assert [0, 0, 0, 0] == [code for code, _ in answers], answers
    assert all("customer.familyName" in text for _, text in answers), answers
    assert "contactPoint.value" in answers[2][1]
    assert not any("family_name" in text or "contact_point." in text for _, text in answers)


@pytest.mark.parametrize("words", [("seal",), ("unseal",), ("reseal",), ("reindex",), ("scan",)])
async def test_a_wrong_field_is_told_what_fields_look_like(crm: TestCrm, said: Call, words: tuple[str, ...]) -> None:
    """Every command that takes one."""
    code, text = await said(*words, "customer.nickname")

    assert (True, True) == (code != 0, "customer.familyName" in text or "as in customer.description" in text), text


async def test_the_api_takes_either_name(crm: TestCrm) -> None:
    """And says that of the settings; an unknown one is refused with those there are."""
    asked = [
        (await crm.execute(WORK, {"field": name}))["data"]["complianceWorkOnField"]
        for name in ("customer.familyName", "customer.family_name", "Family Name")
    ]
    jobs = await crm.execute("{ complianceSealingJobs { field } complianceCryptoInventory { fields { field } } }")

    assert [{"field": "customer.familyName"}] * 2 == asked[:2]
    assert ("VALIDATION", True) == (asked[2]["code"], "customer.familyName" in asked[2]["message"])
    both = ["contactPoint.value", "customer.familyName"]
    assert both == sorted(one["field"] for one in jobs["data"]["complianceSealingJobs"])
    assert both == sorted(one["field"] for one in jobs["data"]["complianceCryptoInventory"]["fields"])


async def test_an_anonymous_export_takes_either_name(crm: TestCrm, said: Call) -> None:
    """A year of what is not asked for is refused, and a wrong field is told which there are."""
    for year in (1990, 1991, 1992):
        await crm.make("customer", kind="PERSON", lifecycle_stage="LEAD", display_name=str(year))
    good = await said("anonymise", "customer", "--quasi", "lifecycle_stage", "-k", "2")
    wrong = await said("anonymise", "customer", "--quasi", "nickname", "-k", "2")
    years = await said("anonymise", "customer", "--quasi", "lifecycleStage", "--years", "birthDate", "-k", "2")

    assert (0, True) == (good[0], good[1].startswith("lifecycleStage")), good
    assert (True, True) == (wrong[0] != 0, "lifecycleStage" in wrong[1]), wrong
    assert (True, True) == (years[0] != 0, "birthDate" in years[1]), years


async def test_a_crm_without_records_starts_again(crm: TestCrm) -> None:
    """Nothing is sealed yet, so an empty keystore loses nothing; once there is ciphertext it would."""
    async with crm.like(crm.settings) as again:
        was_new = compliance_of(again).keyring.is_new
        await create(again, "customer", kind="PERSON", family_name="Lovelace")
    async with crm.like(crm.settings) as later:
        assert (True, False) == (was_new, compliance_of(later).keyring.is_new)
