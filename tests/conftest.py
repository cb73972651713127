"""Fixtures of the whole suite: an empty database of either kind for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest

from crmcore.database import Database

if TYPE_CHECKING:
    from crmcore.testing.postgresql import Server
    from tests.spans import Spans

# The option --crm-database, the fixtures `crm` and `crm_dialect`; pytest loads it by itself once crmcore is installed.
pytest_plugins = ["crmcore.testing.fixtures"]


@pytest.fixture(scope="session")
def crm_installed() -> bool:
    """The core's own tests have the built-in plugins only, whatever is installed on the machine."""
    return False


@pytest.fixture(scope="session")
def empty_postgresql(crm_postgresql: Server) -> Callable[[], Awaitable[str]]:
    """A function that empties a database on the server and gives its URL; a new one would take ten times as long."""
    url, made = crm_postgresql.url("empty"), []

    async def emptied() -> str:
        if not made:
            await _execute(
                crm_postgresql.url("postgres"),
                "create database empty template template0 locale_provider builtin builtin_locale 'C.UTF-8'",
            )
            made.append(url)
        await _execute(
            url,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'empty' and pid <> pg_backend_pid();"
            "set client_min_messages = warning; drop schema public cascade; create schema public",
        )
        return url

    return emptied


async def _execute(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


@pytest.fixture
async def database_url(crm_dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    if crm_dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'crm.db'}"
    empty: Callable[[], Awaitable[str]] = request.getfixturevalue("empty_postgresql")
    return await empty()


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


@pytest.fixture
def spans() -> Iterator[Spans]:
    """Everything is traced; what OpenTelemetry received."""
    # Heavy: the SDK.
    from tests.spans import received

    with received() as spans:
        yield spans
