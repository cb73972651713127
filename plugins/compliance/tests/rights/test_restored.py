"""A backup of the data that is older than an erasure brings nobody back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from crmcore_compliance.rights.restored import erase_again
from crmcore_compliance.sealing import readable
from rights_world import CANARIES, ada_of, asked, row_of

from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """What is sealed cannot be read, what is not must go again."""
    return ("customer.family_name", "customer.display_name", "contact_point.value")


class Backup:
    """A copy of a CRM's database, made and put back while nobody is connected: its files, or a database made from it."""

    def __init__(self, crm: TestCrm, request: pytest.FixtureRequest) -> None:
        self._crm, self._request = crm, request
        self._path = Path(crm.settings.database.removeprefix("sqlite:///"))

    async def make(self) -> TestCrm:
        """Copy it as it is; return a CRM on it that is not started, for the one at hand is stopped."""
        await self._crm.stop()
        if self._crm.database.dialect == "sqlite":
            for file in self._files():
                shutil.copyfile(file, file.with_name(f"backup-of-{file.name}"))
        else:
            await self._do("create database {name}_backup template {name}")
        self._crm = self._crm.like(self._crm.settings)
        return self._crm

    async def put_back(self) -> TestCrm:
        """Have the copy be the data again, after the last CRM has stopped; return another on it that is not started."""
        if self._crm.database.dialect == "sqlite":
            for file in self._files():
                file.unlink()
            for copy in self._path.parent.glob(f"backup-of-{self._path.name}*"):
                copy.rename(copy.with_name(copy.name.removeprefix("backup-of-")))
        else:
            await self._do("drop database {name} with (force)")
            await self._do("alter database {name}_backup rename to {name}")
        return self._crm.like(self._crm.settings)

    def _files(self) -> list[Path]:
        return list(self._path.parent.glob(f"{self._path.name}*"))

    async def _do(self, statement: str) -> None:
        import asyncpg

        name = self._crm.settings.database.rpartition("@/")[2].partition("?")[0]
        connection: Any = await asyncpg.connect(self._request.getfixturevalue("crm_postgresql").url("postgres"))
        try:
            await connection.execute(statement.format(name=name))
        finally:
            await connection.close()


@pytest.fixture
def backup(crm: TestCrm, request: pytest.FixtureRequest) -> Backup:
    """A way to go back in time."""
    return Backup(crm, request)


async def test_who_was_erased_is_erased_again_in_a_restored_database(crm: TestCrm, backup: Backup) -> None:
    """By the journal of the keystore, which is no part of the backup; doing it twice changes nothing more."""
    ada, bob = await ada_of(crm), await crm.make("customer", kind="PERSON", family_name="Stays")
    async with await backup.make() as then:
        await asked(then, ada)
    async with await backup.put_back() as later:
        before = await everything(later)
        opened = await readable(later, [ada])
        done = await erase_again(later)
        version = (await row_of(later, "customer", ada))["version"]
        await erase_again(later)
        row = await row_of(later, "customer", ada)
        after = await everything(later)
        assert "Stays" == (await row_of(later, "customer", bob["id"]))["family_name"]

    # It was the older one that was put back, and nothing sealed of hers opened even then.
    assert ("quarknote" in before, opened) == (True, 0)
    assert (1, 0, version) == (done.people, done.readable, row["version"])
    assert done.rows > 0
    assert (None, True) == (row["given_name"], row["deleted_at"] is not None)
    assert [] == [word for word in CANARIES if word in after]


async def everything(crm: TestCrm) -> str:
    """All rows of customers and of the change feed."""
    tables = [await crm.database.fetch(f"select * from {table}") for table in ("customer", "crm_event")]
    return repr(tables)
