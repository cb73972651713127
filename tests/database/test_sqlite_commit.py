"""What a commit on SQLite leaves as it was."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from crmcore.database import Database
from crmcore.database.sqlite import statements


def opened(folder: Path) -> tuple[sqlite3.Connection, list[str]]:
    """A connection with foreign keys on, and the statements that run on it from now on."""
    raw = sqlite3.connect(folder / "commit.db", isolation_level=None)
    raw.execute("pragma foreign_keys = on")
    heard: list[str] = []
    raw.set_trace_callback(heard.append)
    return raw, heard


def test_a_commit_sets_no_pragma(tmp_path: Path) -> None:
    """Setting foreign_keys, even to what it is, makes SQLite prepare every statement of the connection anew."""
    raw, heard = opened(tmp_path)
    statements.begin(raw)
    statements.commit(raw)
    assert "commit" in heard
    assert [] == [sql for sql in heard if "foreign_keys =" in sql]
    raw.close()


def test_foreign_keys_count_again_after_a_change_of_the_schema(tmp_path: Path) -> None:
    """They rest only while tables are rebuilt."""
    raw, _ = opened(tmp_path)
    statements.begin_schema(raw)
    assert (0,) == raw.execute("pragma foreign_keys").fetchone()
    statements.commit(raw)
    assert (1,) == raw.execute("pragma foreign_keys").fetchone()
    raw.close()


async def test_others_have_their_turn_between_two_transactions(tmp_path: Path) -> None:
    """A task that writes one record after the other never waits; a server answers others meanwhile."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    database = Database.from_url(f"sqlite:///{tmp_path / 'turns.db'}")
    await database.open()
    await database.script(
        ["create table counter (id integer primary key, n integer)", "insert into counter values (1, 0)"]
    )
    async with database.transaction():  # the first opens the writer
        await database.execute("update counter set n = n + 1 where id = $1", 1)
    task = asyncio.ensure_future(other())
    for _ in range(50):
        async with database.transaction():
            await database.execute("update counter set n = n + 1 where id = $1", 1)
    had = turns
    task.cancel()
    await database.close()

    assert had >= 49
