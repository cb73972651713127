"""A run begins with what was made for it, whatever runs before it created."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from crmcore.testing.postgresql import Server
from tests.benchmarks.copies import copied, ensured, file_copied


def test_a_file_stays_as_it_is(tmp_path: Path) -> None:
    """Each copy is of it, and not of what became of the one before."""
    kept = tmp_path / "kept.db"
    with closing(sqlite3.connect(kept, isolation_level=None)) as raw:
        raw.execute("create table thing as select 1 as one")
    for _ in range(2):
        copy = file_copied(kept)
        with closing(sqlite3.connect(copy, isolation_level=None)) as raw:
            assert [(1,)] == raw.execute("select one from thing").fetchall()
            raw.execute("insert into thing values (2)")
        # As a process leaves it that is killed.
        Path(f"{copy}-wal").write_bytes(b"of the file that was there")
    assert not Path(f"{file_copied(kept)}-wal").exists()


async def test_a_database_stays_as_it_is(request: pytest.FixtureRequest) -> None:
    """The copy is made anew even if somebody is connected to the one before."""
    if request.config.getoption("crm_database") == "sqlite":
        pytest.skip("about PostgreSQL")
    server: Server = request.getfixturevalue("crm_postgresql")
    url = await ensured(server, "kept")
    assert url == await ensured(server, "kept")
    kept = await asyncpg.connect(url)
    await kept.execute("create table thing as select 1 as one")
    await kept.close()
    copies: list[asyncpg.Connection[asyncpg.Record]] = []
    try:
        for _ in range(2):
            copies.append(await asyncpg.connect(await copied(server, "kept")))
            assert [(1,)] == [tuple(row) for row in await copies[-1].fetch("select one from thing")]
            await copies[-1].execute("insert into thing values (2)")
    finally:
        for copy in copies:
            copy.terminate()
