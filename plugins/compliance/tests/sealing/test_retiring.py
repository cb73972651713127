"""Former keys go when nothing is sealed with them any more, and not before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.keys import destroying
from crmcore_compliance.keys.former import former_keys
from crmcore_compliance.sealing.actions import work_on
from crmcore_compliance.sealing.jobs import retire_keys
from crmcore_compliance.sealing.retiring import Retired, retire_former_keys
from crmcore_compliance.sealing.sweeping import sweep
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.sealing import ComplianceWork
from sealed_acts import create, get, update

from crmcore import Actor, clock
from crmcore.testing import TestCrm

FIELDS = ("customer.family_name", "customer.birth_date", "contact_point.value")
NOW = timedelta()


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Texts and a date, of two entities."""
    return FIELDS


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process may be sealing with a former key."""
    monkeypatch.setattr(destroying, "HEARD", timedelta())


async def ada_of(crm: TestCrm) -> Any:
    """Make a person with a past, and replace their key."""
    ada = await create(crm, "customer", kind="PERSON", family_name="Lovelace")
    await update(crm, "customer", ada["id"], family_name="Byron")
    await create(crm, "contact_point", customer_id=ada["id"], type="EMAIL", value="ada@example.com")
    await compliance_of(crm).keyring.rotating.subject(ada["id"])
    await compliance_of(crm).keyring.subject_key(ada["id"])
    return ada["id"]


async def reseal(crm: TestCrm, *fields: str) -> None:
    """Seal values anew."""
    for field in fields:
        await crm.run(Actor.system("test"), lambda work, field=field: work_on(work, field, ComplianceWork.RESEAL))
        await sweep(crm, field)


async def former(crm: TestCrm) -> list[int]:
    """Return the keys that another one took over from."""
    return await former_keys(compliance_of(crm).keyring.keystore, clock.now())


async def test_a_key_that_seals_something_stays(crm: TestCrm) -> None:
    """In a table, or in an event of the past only: both are looked at."""
    id = await ada_of(crm)
    (key,) = await former(crm)
    untouched = await retire_former_keys(crm, NOW)
    await reseal(crm, "customer.family_name")
    # The other entity's value is under the former key still.
    half_way = await retire_former_keys(crm, NOW)
    await crm.database.execute("delete from contact_point")
    only_past = await retire_former_keys(crm, NOW)

    assert [Retired(0, 1)] * 3 == [untouched, half_way, only_past]
    assert [key] == await former(crm)
    assert "Byron" == (await get(crm, "customer", id))["family_name"]


async def test_a_key_that_seals_nothing_is_destroyed(crm: TestCrm) -> None:
    """Everything is readable afterwards, the past too, and the log says which keys went."""
    id = await ada_of(crm)
    (key,) = await former(crm)
    await reseal(crm, *FIELDS)
    done = await retire_former_keys(crm, NOW)
    await sequence_all(crm)
    (body,) = await crm.database.fetch("select body from compliance_audit_entry where type = 'keys.retired'")
    compliance_of(crm).keyring._cache.clear()
    shown = f"{await crm.feed.read(None, record_id=id)} {await get(crm, 'customer', id)}"

    assert (Retired(1, 0), []) == (done, await former(crm))
    assert None is await compliance_of(crm).keyring.key(key)
    assert str(key) in body[0]
    assert ("Lovelace" in shown, "Byron" in shown, "«erased»" in shown) == (True, True, False), shown


async def test_a_package_keeps_its_key(crm: TestCrm) -> None:
    """It is sealed with the person's key as it was when the package was made."""
    id = await ada_of(crm)
    await reseal(crm, *FIELDS)
    (key,) = await former(crm)
    package = "insert into compliance_package (id, subject_id, content, manifest, made_at, expires_at) values ($1, $2, $3, $4, $5, $5)"
    from base64 import b64encode

    content = b64encode(b"\x01" + key.to_bytes(4, "big") + b"\0" * 40).decode()
    await crm.database.execute(package, id, str(id), content, "{}", clock.now())
    kept = await retire_former_keys(crm, NOW)
    await crm.database.execute("delete from compliance_package")

    assert (Retired(0, 1), Retired(1, 0)) == (kept, await retire_former_keys(crm, NOW))


async def test_the_nightly_job_waits_as_long_as_backups_are_kept(crm: TestCrm) -> None:
    """By the setting: 90 days after another key took over, since older backups cannot be read then."""
    await ada_of(crm)
    await reseal(crm, *FIELDS)
    await crm.run(Actor.system("test"), lambda work: work.put(retire_keys()))
    await crm.work_off()
    before = len(await former(crm))
    crm.clock.move(days=91)
    await crm.run(Actor.system("test"), lambda work: work.put(retire_keys()))
    await crm.work_off()

    assert (1, 0) == (before, len(await former(crm)))
