"""What a commit on SQLite leaves as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

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
