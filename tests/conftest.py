"""Fixtures of the whole suite: an empty database of either kind for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from crmcore.database import Database

if TYPE_CHECKING:
    from crmcore.testing.postgresql import Server

# The option --crm-database, the fixtures `crm` and `crm_dialect`; pytest loads it by itself once crmcore is installed.
pytest_plugins = ["crmcore.testing.fixtures"]

_numbers = count(1)


@pytest.fixture
async def database_url(crm_dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of an empty database."""
    if crm_dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'crm.db'}"
        return
    server: Server = request.getfixturevalue("crm_postgresql")
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(server.url("postgres"))
    try:
        await admin.execute(f"create database {name} template template0")
        yield server.url(name)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open, empty database."""
    database = Database.from_url(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def another_database(database_url: str) -> AsyncIterator[Callable[..., Database]]:
    """A function that makes further `Database` objects on the same data, as another process or a narrower pool would."""
    made: list[Database] = []

    def another(**options: float) -> Database:
        made.append(Database.from_url(database_url, **options))  # type: ignore[arg-type]
        return made[-1]

    yield another
    for database in made:
        await database.close()
