"""Fixtures of the database tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crmcore.database import Database
from crmcore.database.create import create_tables
from tests.database.tables import TABLES


@pytest.fixture
async def library(database: Database) -> Database:
    """A database with the tables of `tables.py`."""
    await create_tables(database, TABLES)
    return database


@pytest.fixture
async def counter(database: Database) -> Database:
    """A database with a table `counter` of one row, `n` = 0."""
    await database.script(["create table counter (id int primary key, n int)", "insert into counter values (1, 0)"])
    return database


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite file with a table `note`, whose writer is open."""
    database = Database.from_url(f"sqlite:///{tmp_path / 'notes.db'}")
    await database.open()
    await database.script(["create table note (place integer primary key, id int unique, text text)"])
    yield database
    await database.close()
