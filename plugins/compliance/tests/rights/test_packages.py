"""What people are given who ask what is held of them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jsonschema
import pytest
from crmcore_compliance.keys.documents import is_signed
from crmcore_compliance.rights.packing.steps import opened
from rights_world import CANARIES, ada_of, asked

from crmcore import errors, ids
from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """What is sealed is opened for the person."""
    return ("customer.family_name", "contact_point.value")


async def test_a_package_has_all_that_is_held_of_a_person(crm: TestCrm) -> None:
    """Records of the core and of plugins, sealed or not; as JSON and as a page."""
    ada = await ada_of(crm)
    files, _ = await opened(crm, await asked(crm, ada, "ACCESS"))

    words = [word for word in CANARIES if word != "quarkdeal"]
    assert [] == [word for word in words if word not in files["data.json"] or word not in files["index.html"]]
    assert {"customer", "contact_point", "address", "interaction", "task"} <= {
        section["section"] for section in json.loads(files["data.json"])["sections"]
    }


async def test_the_data_are_as_their_schema_says(crm: TestCrm) -> None:
    """JSON Schema 2020-12, with the meaning and the category of each field."""
    files, _ = await opened(crm, await asked(crm, await ada_of(crm), "PORTABILITY"))
    schema: Any = json.loads(files["schema.json"])

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(files["data.json"]), schema)
    assert "user.name.last" in files["schema.json"]


async def test_the_manifest_is_signed_and_fits_the_files(crm: TestCrm) -> None:
    """Whoever changes a file is found out."""
    files, manifest = await opened(crm, await asked(crm, await ada_of(crm), "ACCESS"))

    assert is_signed(manifest)
    digests = {one["name"]: one["sha256"] for one in manifest["files"]}
    assert digests == {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}


async def test_a_package_is_sealed_where_it_waits(crm: TestCrm) -> None:
    """The table has no word of it, and it goes with the person's key."""
    ada = await ada_of(crm)
    request = await asked(crm, ada, "ACCESS")
    stored = repr(await crm.database.fetch("select * from compliance_package"))
    assert [] == [word for word in CANARIES if word in stored]

    await asked(crm, ada, "ERASURE")
    with pytest.raises(errors.NotFound):
        await opened(crm, request)


async def test_a_package_is_removed_some_weeks_later(crm: TestCrm) -> None:
    """After package_days."""
    request = await asked(crm, await ada_of(crm), "ACCESS")
    crm.clock.move(days=31)
    await crm.work_off()

    assert [] == await crm.database.fetch("select id from compliance_package")
    query = "query ($id: ID!) { compliancePackage(requestId: $id) { manifest } }"
    answer = await crm.execute(query, {"id": ids.encode("compliance_request", request)})
    assert "NOT_FOUND" == answer["errors"][0]["extensions"]["code"]
