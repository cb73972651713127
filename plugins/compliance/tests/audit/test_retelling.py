"""The log still verifies after erasure, sealing anew and the end of what the feed keeps; and tells these from tampering."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from crmcore_compliance.audit import forgotten, inclusion, retold, sequence_all
from crmcore_compliance.audit.heads import latest
from crmcore_compliance.audit.offline import leaf_hash, verify_inclusion
from crmcore_compliance.audit.verifying import problems

from crmcore import actions
from crmcore.access.actor import Actor
from crmcore.events.retention import remove_old
from crmcore.events.rewriting import Past, redact, rewrite
from crmcore.testing import TestCrm


async def wrong(crm: TestCrm) -> list[str]:
    """What verification finds."""
    return [problem async for problem in problems(crm)]


async def erase(crm: TestCrm, record: Any) -> None:
    """Have feed and log forget what they know of a customer's name, as an erasure does."""
    async with crm.database.transaction():
        await redact(crm.database, crm.entities["customer"], [record["id"]], ["family_name", "display_name"])
        await forgotten(crm.database, "customer", records=[record["id"]], reason="request 1")


async def reseal(crm: TestCrm, record: Any) -> None:
    """Write a value in the feed anew, as sealing does."""

    async def sealed(told: Any) -> list[Any]:
        return [f"crm1:{past.value}" for past in told if isinstance(past, Past)]

    async with crm.database.transaction():
        await rewrite(crm.database, crm.entities["customer"], ["family_name"], sealed, records=[record["id"]])
        await retold(crm.database, "customer", records=[record["id"]])


async def test_it_verifies_after_erasure(crm: TestCrm) -> None:
    """No leaf has changed, and an entry says that what they told was erased."""
    ada = await crm.make("customer", family_name="Byron")
    await sequence_all(crm)
    before = await latest(crm.database)
    await erase(crm, ada)
    at_once = await wrong(crm)
    await sequence_all(crm)
    (told,) = await crm.database.fetch("select body from compliance_audit_entry where type = 'events.erased'")

    assert ([], []) == (at_once, await wrong(crm))
    assert before is not None
    assert "request 1" == json.loads(told[0])["facts"]["reason"]
    assert 0 == await crm.database.fetch_value(
        "select count(*) from compliance_audit_salt s join crm_event e on e.id = s.id where e.record_id = $1", ada["id"]
    )


async def test_an_entry_can_be_proved_after_erasure(crm: TestCrm) -> None:
    """In the head of before, and in that of after."""
    ada = await crm.make("customer", family_name="Byron")
    await sequence_all(crm)
    (event,) = await crm.database.fetch("select id from crm_event where record_id = $1", ada["id"])
    before = await latest(crm.database)
    assert before is not None
    await erase(crm, ada)
    await sequence_all(crm)

    for size in (before.size, None):
        found = await inclusion(crm.database, event[0], size)
        assert found is not None
        leaf = leaf_hash(found.entry.encode())
        verify_inclusion(found.number, found.head.size, leaf, found.steps, found.head.root)


async def test_it_verifies_after_sealing_anew(crm: TestCrm) -> None:
    """An entry has the new digests."""
    ada = await crm.make("customer", family_name="Byron")
    await sequence_all(crm)
    await reseal(crm, ada)
    at_once = await wrong(crm)
    await sequence_all(crm)

    assert ([], []) == (at_once, await wrong(crm))
    assert 1 == await crm.database.fetch_value(
        "select count(*) from compliance_audit_entry where type = 'events.retold'"
    )


async def test_it_verifies_after_sealing_a_column(crm: TestCrm) -> None:
    """By ranges of the feed."""
    for name in ("Byron", "Lovelace"):
        await crm.make("customer", family_name=name)
    await sequence_all(crm)

    async def sealed(told: Any) -> list[Any]:
        return [f"crm1:{past.value}" for past in told]

    after = None
    while True:
        async with crm.database.transaction():
            end = await rewrite(crm.database, crm.entities["customer"], ["family_name"], sealed, after=after, limit=1)
            await retold(crm.database, "customer", after=after, until=end)
        if (after := end) is None:
            break
    await sequence_all(crm)

    assert [] == await wrong(crm)


@pytest.mark.crm_settings(feed={"keep_days": 1})
async def test_it_verifies_when_the_feed_has_gone(crm: TestCrm) -> None:
    """Entries stay, and prove what they say without it."""
    crm.clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    await crm.make("customer", family_name="Byron")
    await sequence_all(crm)
    crm.clock.move(days=3)
    await crm.make("customer")
    await crm.work_off()
    await sequence_all(crm)

    assert await remove_old(crm) > 0
    assert [] == await wrong(crm)


@pytest.mark.crm_settings(feed={"keep_days": 1})
async def test_the_feed_stays_until_the_log_has_told_of_it(crm: TestCrm) -> None:
    """However old it is."""
    crm.clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    await crm.make("customer")
    crm.clock.move(days=3)
    await crm.make("customer")
    await crm.work_off()

    assert 0 == await remove_old(crm)


async def _tamper(crm: TestCrm, sql: str, *params: Any) -> None:
    assert await crm.database.execute(sql, *params) > 0


TAMPERING = {
    "an event was altered": (
        "update crm_event set row = replace(row, 'Byron', 'Milton') where record_id = $1",
        "changed after",
    ),
    "an event was removed": ("delete from crm_event where record_id = $1", "removed from the change feed"),
    "an entry was altered": (
        "update compliance_audit_entry set body = replace(body, 'SYSTEM', 'USER') where type = 'customer.created'",
        "not those of the signed head",
    ),
    "an entry was removed": ("delete from compliance_audit_entry where number = 1", "not there"),
    "a column of an entry was altered": (
        "update compliance_audit_entry set type = 'customer.deleted' where number = 1",
        "differ from what was signed",
    ),
    "a salt was removed": ("delete from compliance_audit_salt where id in (select id from crm_event)", "lost its salt"),
    "a head was altered": (
        "update compliance_audit_head set root = 'AAAA' || substr(root, 5)",
        "signature of the head",
    ),
    "the last head was removed": ("delete from compliance_audit_head", "last head says 0"),
    "a tile was altered": (
        "update compliance_audit_tile set hashes = 'AAAA' || substr(hashes, 5)",
        "hashes that are kept for proofs",
    ),
    "a tile was removed": ("delete from compliance_audit_tile", "is not there"),
}


@pytest.mark.parametrize("name", TAMPERING)
async def test_tampering_is_found(crm: TestCrm, name: str) -> None:
    """Whatever somebody does who can write to the database."""
    await crm.make("customer")
    ada = await crm.make("customer", family_name="Byron")
    await crm.make("customer")
    await sequence_all(crm)
    assert [] == await wrong(crm)
    sql, said = TAMPERING[name]
    await _tamper(crm, sql, *([ada["id"]] if "$1" in sql else []))

    found = await wrong(crm)
    assert any(said in problem for problem in found), found


async def test_an_event_that_was_slipped_in_is_found(crm: TestCrm) -> None:
    """Where the log has passed."""
    ada = await crm.make("customer")
    await crm.make("customer")
    await sequence_all(crm)
    row = await crm.database.fetch_dicts("select * from crm_event where record_id = $1", ada["id"])
    await crm.database.execute("delete from compliance_audit_entry where number = 10000")
    slipped = {**row[0], "id": crm_id()}
    slipped["position"] = -5
    columns = ", ".join(slipped)
    places = ", ".join(f"${n}" for n in range(1, len(slipped) + 1))
    always = "overriding system value" if crm.database.dialect == "postgresql" else ""
    await crm.database.execute(f"insert into crm_event ({columns}) {always} values ({places})", *slipped.values())

    assert any("the log does not know it" in problem for problem in await wrong(crm))


def crm_id() -> Any:
    """A new id."""
    from crmcore import ids

    return ids.new()


async def test_a_change_behind_the_back_of_an_erasure_is_found(crm: TestCrm) -> None:
    """What was retold is compared with what was told then."""
    ada = await crm.make("customer", family_name="Byron")
    await sequence_all(crm)
    await reseal(crm, ada)
    await sequence_all(crm)
    await _tamper(crm, "update crm_event set row = replace(row, 'Byron', 'Milton') where record_id = $1", ada["id"])

    assert any("changed after" in problem for problem in await wrong(crm))


async def test_work_goes_on_after_all_that(crm: TestCrm) -> None:
    """The log grows as before."""
    ada = await crm.make("customer", family_name="Byron")
    await sequence_all(crm)
    await erase(crm, ada)
    await crm.run(Actor.system(), lambda work: actions.update(work, "customer", ada["id"], {"family_name": "King"}))
    await sequence_all(crm)

    assert [] == await wrong(crm)
