"""A backup of the data that is older than an erasure brings nobody back."""

from __future__ import annotations

from pathlib import Path

import pytest
from crmcore_compliance.rights.restored import erase_again
from rights_world import CANARIES, ada_of, asked, row_of

from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """What is sealed cannot be read, what is not must go again."""
    return ("customer.family_name", "customer.display_name", "contact_point.value")


async def test_who_was_erased_is_erased_again_in_a_restored_database(crm: TestCrm) -> None:
    """By the journal of the keystore, which is no part of the backup; doing it twice changes nothing more."""
    if crm.database.dialect != "sqlite":
        pytest.skip("a backup is a file there")
    ada, bob = await ada_of(crm), await crm.make("customer", kind="PERSON", family_name="Stays")
    path = Path(crm.settings.database.removeprefix("sqlite:///"))
    backup = path.with_suffix(".backup")
    await crm.database.execute(f"vacuum into '{backup}'")
    await asked(crm, ada)
    await crm.stop()
    for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        file.unlink(missing_ok=True)
    backup.rename(path)
    async with crm.like(crm.settings) as later:
        done = await erase_again(later)
        version = (await row_of(later, "customer", ada))["version"]
        await erase_again(later)
        row = await row_of(later, "customer", ada)
        feed = await later.database.fetch("select * from crm_event")
        texts = repr(await later.database.fetch("select * from customer")) + repr(feed)
        assert "Stays" == (await row_of(later, "customer", bob["id"]))["family_name"]

    assert (1, 0, version) == (done.people, done.readable, row["version"])
    assert done.rows > 0
    assert (None, True) == (row["given_name"], row["deleted_at"] is not None)
    assert [] == [word for word in CANARIES if word in texts]
