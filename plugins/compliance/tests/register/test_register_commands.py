"""The register on the command line: lists, the record and its differences, scans, anonymous exports, the evidence pack."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from crmcore_compliance.state import compliance_of
from people import made_purpose

from crmcore.cli import main
from crmcore.testing import TestCrm

Call = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def said(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call `crm compliance …`; it gives the exit code and what was said."""
    settings = compliance_of(crm).settings
    for name in ("tenant", "kms", "keystore"):
        monkeypatch.setenv(f"CRM_COMPLIANCE_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CRM_DATABASE", crm.settings.database)

    async def call(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["compliance", *words], catch_exceptions=False)
        return result.exit_code, result.stdout

    return call


async def test_the_record_is_written_and_compared(crm: TestCrm, said: Call, tmp_path: Path) -> None:
    """The same record differs in nothing; what a purpose takes on is said, and the exit code is 1."""
    await made_purpose(crm, "mail", needs="CONSENT", categories=["user.contact"])
    kept = tmp_path / "processing.json"
    kept.write_text((await said("ropa"))[1], "utf-8")
    same = await said("ropa", "--diff", str(kept))
    await crm.database.execute(
        "update compliance_purpose set categories = $1", json.dumps(["user.contact", "user.name"])
    )
    code, told = await said("ropa", "--diff", str(kept))

    assert (0, "") == same
    assert (1, True) == (code, "Adds user.name.last (Customer.family_name) to purpose mail." in told)


async def test_fields_and_free_text_are_looked_through(crm: TestCrm, said: Call) -> None:
    """Nothing is unclassified here; an address in a description is found and counted, and is not repeated."""
    await crm.make("customer", kind="PERSON", description="Write to ada@example.com or bob@example.com.")
    await crm.make("customer", kind="PERSON", description="Likes tea.")
    found = await said("scan", "customer", "description")

    assert (0, "") == await said("fields", "--unclassified")
    assert "customer.birthDate (customers): user.demographic.date_of_birth 2" in (await said("fields"))[1]
    assert (0, "EMAIL: 2\nIn 1 records.\n") == found


async def test_an_anonymous_table_is_written(crm: TestCrm, said: Call) -> None:
    """As CSV; a demand that cannot be met ends with what to do."""
    for number in range(6):
        await crm.make(
            "customer", kind="PERSON", gender=("FEMALE", "MALE")[number % 2], birth_date=date(1980 + number, 1, 1)
        )
    asked = (
        "anonymise",
        "customer",
        "--quasi",
        "gender,birthDate",
        "--years",
        "birthDate",
        "--sensitive",
        "lifecycleStage",
    )
    _, text = await said(*asked, "-k", "3")
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [6, 1] == [len(rows), len({row["lifecycleStage"] for row in rows})]
    assert 0 != (await said(*asked, "-k", "7"))[0]


async def test_the_pack_is_written_and_checked(crm: TestCrm, said: Call, tmp_path: Path) -> None:
    """With every part's share; one byte more, and the check says which file it was."""
    pack = tmp_path / "pack.zip"
    written, checked = await said("evidence", str(pack)), await said("evidence", str(pack), "--check")
    pack.write_bytes(pack.read_bytes().replace(b"processing.csv", b"processing.cvs"))
    code, told = await said("evidence", str(pack), "--check")

    assert (0, "Every file is as it was signed.\n") == (written[0], checked[1])
    assert (1, True) == (code, "processing.csv is missing." in told)
