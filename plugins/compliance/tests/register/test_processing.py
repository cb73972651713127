"""The record of processing follows from purposes and the live schema, and says what a change adds to it."""

from __future__ import annotations

import copy
import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from crmcore_compliance.register.classified import classified, refuse_unclassified
from crmcore_compliance.register.differing import differences
from crmcore_compliance.register.processing import record_of_processing
from crmcore_compliance.register.written import FORMATS
from crmcore_compliance.settings import ComplianceSettings
from people import made_purpose

from crmcore import errors
from crmcore.testing import TestCrm

READ = "query ($format: String!) { complianceRecordOfProcessing(format: $format) }"


@pytest.fixture
def compliance_settings() -> dict[str, object]:
    """Who answers for it all."""
    return {"controller": "Acme GmbH", "privacy_officer": "Dr. No"}


@pytest.fixture
async def record(crm: TestCrm) -> dict[str, Any]:
    """The record of a CRM with two purposes."""
    await made_purpose(
        crm, "mail", needs="CONSENT", categories=["user.contact"], recipients=["=Postal Ltd"], retention="P3Y",
        transfers=[{"country": "US", "mechanism": "standard clauses"}],
    )  # fmt: skip
    await made_purpose(crm, "greet", needs="CONTRACT", categories=["user.name", "user.demographic.date_of_birth"])
    return await record_of_processing(crm)


async def test_fields_stand_under_the_purposes_that_use_them(record: dict[str, Any]) -> None:
    """By the categories that purposes name; what none names stands apart."""
    mail, greet = (next(a for a in record["activities"] if a["purpose"] == code) for code in ("mail", "greet"))

    assert {"ContactPoint.value"} == {"ContactPoint.value", "Customer.birth_date"} & mail["fields"].keys()
    assert {"Customer.birth_date", "Customer.family_name"} <= greet["fields"].keys()
    assert "Customer.tax_id" in record["without_purpose"]
    assert ("Acme GmbH", "Dr. No") == (record["controller"]["name"], record["controller"]["data_protection_officer"])


async def test_every_item_of_article_30_is_there(record: dict[str, Any]) -> None:
    """(a) controller, (b) purposes, (c) subjects and categories, (d) recipients, (e) transfers, (f) time limits, (g) security."""
    mail = next(a for a in record["activities"] if a["purpose"] == "mail")

    assert ("Acme GmbH", "file") == (record["controller"]["name"], record["security"]["key_service"])
    assert all(mail[item] for item in ("name", "subjects", "categories", "recipients", "transfers", "retention"))


async def test_it_is_written_in_three_ways(crm: TestCrm, record: dict[str, Any]) -> None:
    """JSON that is read back, a table in which no cell is a formula, a page without script."""
    texts = {
        form: (await crm.execute(READ, {"format": form}))["data"]["complianceRecordOfProcessing"] for form in FORMATS
    }
    rows = list(csv.DictReader(io.StringIO(texts["csv"])))
    page = _Tags()
    page.feed(texts["html"])

    assert json.loads(json.dumps(record)) == json.loads(texts["json"])
    assert [("greet", ""), ("mail", "'=Postal Ltd")] == [(row["purpose"], row["recipients"]) for row in rows]
    assert {"h2"} == {"h2", "script"} & page.seen


def test_a_change_is_said_in_a_sentence(record: dict[str, Any]) -> None:
    """A field that is new under a purpose, a purpose that is new or otherwise, a field that is sealed no longer."""
    before, after = copy.deepcopy(record), copy.deepcopy(record)
    mail = next(a for a in before["activities"] if a["purpose"] == "mail")
    del mail["fields"]["ContactPoint.value"]
    mail["retention"] = "P1Y"
    before["activities"] = [a for a in before["activities"] if a["purpose"] != "greet"]
    before["security"]["sealed_fields"] = ["Customer.tax_id"]
    found = differences(before, after)

    assert [] == differences(record, copy.deepcopy(record))
    assert any(s.startswith("New purpose greet (CONTRACT)") for s in found)
    assert any(s.startswith("Adds user.contact") and s.endswith("(ContactPoint.value) to purpose mail.") for s in found)
    assert "retention of purpose mail is 'P3Y' now, and was 'P1Y'." in found
    assert "Customer.tax_id is not sealed any more." in found


async def test_nothing_of_it_is_for_everybody(crm: TestCrm) -> None:
    """It takes a permission."""
    answer = await crm.execute(READ, {"format": "json"}, as_="viewer")

    assert "FORBIDDEN" == answer["errors"][0]["extensions"]["code"]


async def test_fields_are_listed_by_what_they_hold(crm: TestCrm) -> None:
    """A birthday is personal, a version is not, and the plugin says of all its own columns what they hold."""
    text = "{ complianceFields { entity column category sensitivity unclassified plugin } missing: complianceFields(unclassifiedOnly: true) { plugin } }"
    data = (await crm.execute(text))["data"]
    born = next(f for f in data["complianceFields"] if (f["entity"], f["column"]) == ("customer", "birth_date"))

    assert ("user.demographic.date_of_birth", 2, False) == (born["category"], born["sensitivity"], born["unclassified"])
    assert [] == [f for f in data["missing"] if f["plugin"] == "compliance"]


async def test_strict_mode_names_what_is_not_classified(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start ends with each column and its plugin; without strict nothing is asked."""
    await refuse_unclassified(crm)
    one = next(c for c in classified(crm.entities) if c.entity == "customer" and c.column == "website")
    monkeypatch.setattr("crmcore_compliance.register.classified.classified", lambda _: [replace(one, missing=True)])
    settings = msgspec.structs.replace(crm.settings[ComplianceSettings], strict=True)
    monkeypatch.setitem(crm.settings.plugins, "compliance", settings)
    with pytest.raises(errors.SetupError) as refused:
        await refuse_unclassified(crm)

    assert "Customer.website of plugin 'customers'" in refused.value.problems[0]


@pytest.mark.crm_settings(plugins={"compliance": {"strict": True}})
async def test_everything_here_is_classified(crm: TestCrm) -> None:
    """In strict mode the core starts with this plugin and the others of this repository."""
    assert [] == [one.name for one in classified(crm.entities) if one.missing]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
