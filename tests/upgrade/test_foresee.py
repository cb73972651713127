"""Looking ahead reads the database and leaves no trace in it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import asyncpg
import pytest

from crmcore import Crm, Settings
from crmcore.database import Database
from crmcore.database.looking import looking
from crmcore.errors import SetupError
from crmcore.settings import load_settings
from crmcore.upgrade.foresee import foresee


@pytest.fixture
async def short_of_interactions(url: str) -> str:
    """A database without the tables of interactions, and with a user."""
    crm = Crm(Settings(database=url), installed=False)
    await crm.database.open()
    await crm.migrator.down("webhooks", None)
    await crm.migrator.down("interactions", None)
    await crm.database.close()
    return url


async def test_pending_migrations_are_foreseen(short_of_interactions: str) -> None:
    """In order, with where the plugins are now."""
    found = await foresee(load_settings(database=short_of_interactions))

    assert {"interactions": "0", "webhooks": "0"} == found.applied
    assert ["interactions", "webhooks"] == list(dict.fromkeys(m.plugin for m in found.migrations))
    assert () == found.problems


async def test_links_lock_what_they_lead_to(short_of_interactions: str) -> None:
    """A new table that links to one that is there: PostgreSQL keeps others from writing that one."""
    found = await foresee(load_settings(database=short_of_interactions))
    statements = [s for m in found.migrations for s in m.statements]

    expected = {"customer", "deal"} if found.dialect == "postgresql" else set()
    assert expected <= {other for s in statements for other in s.others}
    assert {None} == {s.lock for s in statements if s.table == "interaction" and "create index" in s.sql}


async def test_a_new_version_that_would_not_start(url: str, tmp_path: Path) -> None:
    """Settings that are wrong for it are told before anything is done."""
    (tmp_path / "crm.toml").write_text("colour = 'green'\n", "utf-8")

    found = await foresee(load_settings(database=url))

    assert any("colour is no setting" in problem for problem in found.problems)


async def test_a_database_that_is_newer(url: str) -> None:
    """What the database has and the versions lack is a reason not to."""
    database = Database.from_url(url)
    await database.open()
    await database.execute(
        "update crm_migration set name = '0099_future' where plugin = 'webhooks' and name like '0001%'"
    )
    await database.close()

    (problem,) = (await foresee(load_settings(database=url))).problems

    assert "so it is older than the database" in problem


async def test_nothing_can_be_written(url: str) -> None:
    """A look is for reading."""
    async with looking(url) as look:
        assert look is not None
        with pytest.raises((sqlite3.OperationalError, asyncpg.ReadOnlySQLTransactionError)):
            await look.fetch("delete from crm_migration")


async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Unlike opening, looking makes no file."""
    async with looking(f"sqlite:///{tmp_path}/never.db") as look:
        assert look is None

    assert [] == _names(tmp_path)


async def test_no_journal_is_left_behind(tmp_path: Path) -> None:
    """A reader of a file in WAL mode would make two files beside it."""
    database = Database.from_url(f"sqlite:///{tmp_path}/crm.db")
    await database.open()
    await database.script(["create table t (id int)"])
    await database.close()

    async with looking(f"sqlite:///{tmp_path}/crm.db") as look:
        assert look is not None
        assert {"t"} <= await look.tables()
        assert ["crm.db"] == _names(tmp_path)


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_what_others_have_just_written_is_seen(tmp_path: Path) -> None:
    """While somebody has the file open, what is in their journal counts."""
    database = Database.from_url(f"sqlite:///{tmp_path}/crm.db")
    await database.open()
    await database.script(["create table t (id int)"])
    try:
        async with looking(f"sqlite:///{tmp_path}/crm.db") as look:
            assert look is not None
            assert {"t"} <= await look.tables()
    finally:
        await database.close()


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is said, and not overwritten."""
    (tmp_path / "crm.db").write_text("not a database, but long enough to be taken for one " * 20, "utf-8")

    with pytest.raises(SetupError, match="cannot be read: file is not a database"):
        async with looking(f"sqlite:///{tmp_path}/crm.db"):
            pass
