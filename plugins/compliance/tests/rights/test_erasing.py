"""Erasing a person: every place, once, and with proof."""

from __future__ import annotations

import json
from typing import Any

import pytest
from crmcore_compliance.audit import offline
from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.audit.verifying import problems
from crmcore_compliance.keys.documents import is_signed
from crmcore_compliance.state import compliance_of
from rights_world import CANARIES, ada_of, asked, row_of

from crmcore import ids
from crmcore.testing import TestCrm

FIELDS = ("customer.family_name", "customer.display_name", "contact_point.value", "interaction.subject")


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Some fields are sealed, some are not: each must go its own way."""
    return FIELDS


async def found(crm: TestCrm) -> list[tuple[str, str]]:
    """Which canaries stand in which tables."""
    sql = {
        "sqlite": "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
        "postgresql": "select tablename from pg_tables where schemaname = 'public'",
    }[crm.database.dialect]
    tables = [name for (name,) in await crm.database.fetch(sql)]
    texts = {name: repr(await crm.database.fetch(f'select * from "{name}"')).casefold() for name in tables}
    return [(name, word) for name, text in texts.items() for word in CANARIES if word.casefold() in text]


async def test_nothing_of_an_erased_person_is_left_in_the_database(crm: TestCrm) -> None:
    """No table, the change feed and the index of search among them, has a word of theirs."""
    ada = await ada_of(crm)
    await asked(crm, ada)

    assert [] == await found(crm)


async def test_a_customer_without_a_request_keeps_everything(crm: TestCrm) -> None:
    """Erasing one person touches nobody else."""
    ada, bob = await ada_of(crm), await crm.make("customer", kind="PERSON", given_name="Bob", family_name="Stays")
    await asked(crm, ada)

    assert "Stays" == (await row_of(crm, "customer", bob["id"]))["family_name"]


async def test_the_keys_of_an_erased_person_are_destroyed(crm: TestCrm) -> None:
    """The keystore has a tombstone that names the request."""
    ada = await ada_of(crm)
    await asked(crm, ada)

    assert await compliance_of(crm).keyring.destroyed(ada) is not None


async def test_the_certificate_is_signed_and_names_nobody(crm: TestCrm) -> None:
    """It says what was done to which records and that nothing can be read; an altered one is not signed."""
    ada = await ada_of(crm)
    certificate = (await row_of(crm, "compliance_request", await asked(crm, ada)))["certificate"]

    assert is_signed(certificate)
    assert str(ada) not in str(certificate)
    assert {"unreadable", "readable", "plain"} == certificate["verified"].keys()
    assert (0, []) == (certificate["verified"]["readable"], certificate["verified"]["plain"])
    assert not is_signed({**certificate, "mode": "SHRED_ONLY"})


async def test_the_certificate_proves_that_the_log_has_it(crm: TestCrm) -> None:
    """The offline verifier takes the proof; the entry has the certificate's own digest, and another one is not in the log."""
    ada = await ada_of(crm)
    certificate = (await row_of(crm, "compliance_request", await asked(crm, ada)))["certificate"]
    proof = certificate["inclusion"]
    entry = json.loads(proof["entry"])

    assert "is in the log" in offline.verify_proof(proof, offline.Heads())
    assert ("erasure.certified", certificate["sha256"]) == (entry["type"], entry["facts"]["certificate"])
    assert certificate["request"] == entry["facts"]["request"]
    other = {**entry, "facts": {**entry["facts"], "certificate": "0" * 64}}
    with pytest.raises(offline.Wrong):
        offline.verify_proof(
            {**proof, "entry": json.dumps(other, sort_keys=True, separators=(",", ":"))}, offline.Heads()
        )


async def test_an_erased_customer_is_an_empty_deleted_record(crm: TestCrm) -> None:
    """What else refers to them leads to nobody."""
    ada = await ada_of(crm)
    await asked(crm, ada)

    row = await row_of(crm, "customer", ada)
    assert (None, None) == (row["given_name"], row["description"])
    assert row["deleted_at"] is not None
    assert "«erased»" == row["display_name"]


async def test_shredding_only_keeps_every_row(crm: TestCrm) -> None:
    """SHRED_ONLY empties what is not sealed and removes nothing."""
    ada = await ada_of(crm)
    counted = "select count(*) from contact_point where customer_id = $1"
    await asked(crm, ada, mode="SHRED_ONLY")

    assert 1 == await crm.database.fetch_value(counted, ada)
    assert [] == await found(crm)


async def test_the_feed_is_whole_after_an_erasure(crm: TestCrm) -> None:
    """`crm events verify` finds nothing wrong."""
    from crmcore.events.verify import verify

    await asked(crm, await ada_of(crm))

    assert [] == (await verify(crm)).problems


async def test_the_log_still_verifies_after_an_erasure(crm: TestCrm) -> None:
    """What it told of the person cannot be guessed any more, and no leaf has changed."""
    ada = await ada_of(crm)
    await sequence_all(crm)
    await asked(crm, ada)
    await sequence_all(crm)

    assert [] == [problem async for problem in problems(crm)]


async def test_erasing_again_changes_nothing_more(crm: TestCrm) -> None:
    """A second erasure of the same person ends well and removes no row."""
    ada = await ada_of(crm)
    await asked(crm, ada)
    again = await asked(crm, ada)

    assert "COMPLETE" == (await row_of(crm, "compliance_request", again))["status"]


async def test_people_merged_into_one_another_are_erased_together(crm: TestCrm) -> None:
    """Whoever turned out to be the person goes with them."""
    ada, twin = await ada_of(crm), await ada_of(crm)
    sql = "update customer set merged_into_id = $1 where id = $2"
    await crm.database.execute(sql, ada, twin)
    await asked(crm, ada)

    assert await compliance_of(crm).keyring.destroyed(twin) is not None
    assert [] == await found(crm)


async def test_subscribers_hear_that_a_person_was_erased(crm: TestCrm) -> None:
    """Recipients can be told (GDPR art. 19): the event names the record and nothing of what was in it."""
    ada = await ada_of(crm)
    request = await asked(crm, ada)

    (told,) = await crm.happened("customer.compliance_subject_erased")
    assert (ada, request, True) == (told.record_id, told.compliance_request_id, told.deleted)  # type: ignore[attr-defined]


async def test_the_plan_says_what_would_be_done_and_does_nothing(crm: TestCrm) -> None:
    """The dry run is the erasure, undone."""
    ada = await ada_of(crm)
    answer: Any = await crm.execute(
        "query ($id: ID!) { complianceErasurePlan(customerId: $id) { hold lines { entity fate rows } } }",
        {"id": ids.encode("customer", ada)},
    )

    lines = {line["entity"]: (line["fate"], line["rows"]) for line in answer["data"]["complianceErasurePlan"]["lines"]}
    assert ("DELETED", 1) == lines["contact_point"]
    assert ("DELETED", 1) == lines["task"]
    assert ("ANONYMISED", 1) == lines["interaction"]
    assert ("ANONYMISED", 1) == lines["customer"]
    assert "Ada" == (await row_of(crm, "customer", ada))["given_name"]
