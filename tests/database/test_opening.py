"""Databases that cannot be opened say who, what, why and the way out."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from crmcore.database import Database
from crmcore.errors import SetupError, Unavailable
from crmcore.testing.postgresql import Server


async def refusal(url: str) -> str:
    """Return why a database cannot be opened."""
    database = Database.from_url(url)
    try:
        with pytest.raises(SetupError) as refused:
            await database.open()
    finally:
        await database.close()
    return str(refused.value)


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """SQLite makes files, not folders."""
    assert "folder" in (said := await refusal(f"sqlite:///{tmp_path}/no/crm.db"))
    assert f"{tmp_path}/no does not exist; create it" in said


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """The message offers a file in it."""
    assert f"name a file in it, for example {tmp_path}/crm.db" in await refusal(f"sqlite:///{tmp_path}")


async def test_another_kind_of_file_is_no_database(tmp_path: Path) -> None:
    """A file that SQLite did not write is left alone."""
    file = tmp_path / "notes.txt"
    file.write_text("Not a database, but long enough to be looked at." * 40)
    assert "file is not a database" in await refusal(f"sqlite:///{file}")
    assert file.read_text().startswith("Not a database")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """The rights are named as the reason."""
    file = tmp_path / "crm.db"
    file.touch(mode=0o000)
    assert "may not read and write it" in await refusal(f"sqlite:///{file}")


async def test_a_file_that_another_program_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way out is to end it."""
    monkeypatch.setattr("crmcore.database.sqlite.statements.PATIENCE", 0.05)
    other = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    other.execute("begin exclusive")
    assert "another program keeps it locked" in await refusal(f"sqlite:///{tmp_path}/crm.db")
    other.close()


async def test_a_new_file_is_made(tmp_path: Path) -> None:
    """Opening makes the file; closing leaves it alone, without a log beside it."""
    database = Database.from_url(f"sqlite:///{tmp_path}/crm.db")
    await database.open()
    await database.execute("create table t (n int)")
    assert (tmp_path / "crm.db-wal").exists()
    await database.close()
    assert ["crm.db"] == os.listdir(tmp_path)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> str:
    """A URL on a running server."""
    if request.config.getoption("--crm-database") == "sqlite":
        pytest.skip("about PostgreSQL")
    running: Server = request.getfixturevalue("crm_postgresql")
    return running.url("postgres")


async def test_a_missing_database_is_named(server: str) -> None:
    """The way out is to create it."""
    assert "does not exist; create it" in await refusal(server.replace("/postgres?", "/nowhere?"))


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """Nobody listens: start it."""
    assert "cannot be reached" in await refusal(f"postgresql://u:secret@/crm?host={tmp_path}")


async def test_a_user_the_server_does_not_know(server: str) -> None:
    """User or password: the server does not say which, nor do we."""
    said = await refusal(server.replace("//postgres@", "//stranger:secret@"))
    assert "refuses the user or the password" in said
    assert "secret" not in said


async def test_a_database_of_another_encoding_is_refused(server: str) -> None:
    """Text is Unicode end to end, or not at all."""
    admin = await asyncpg.connect(server)
    await admin.execute("create database latin template template0 encoding latin1 locale 'C'")
    try:
        assert "encoding UTF8" in await refusal(server.replace("/postgres?", "/latin?"))
    finally:
        await admin.execute("drop database latin")
        await admin.close()


@pytest.mark.parametrize("url", ["sqlite:///{}/no/crm.db", "postgresql://u@/crm?host={}"])
async def test_a_database_that_goes_away_later_is_a_refusal(url: str, tmp_path: Path) -> None:
    """Once the server runs, a connection that cannot be had is no bug: clients get UNAVAILABLE."""
    database = Database.from_url(url.format(tmp_path))
    with pytest.raises(Unavailable):
        await database.fetch("select 1")
    with pytest.raises(Unavailable):
        async with database.transaction():
            await database.fetch("select 1")
    await database.close()


async def test_a_closed_database_answers_that_the_process_stops(database: Database) -> None:
    """Whoever comes too late gets a refusal, not a bug."""
    await database.close()
    with pytest.raises(Unavailable, match="stopping"):
        await database.fetch("select 1")
