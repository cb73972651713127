"""The small CRM with its data, on either database, and a way to ask it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.graphql.planner import Documents, Planner, ReadResult
from tests.graphql.planner.world import ENTITIES, ROOT, fill_database, schema

if TYPE_CHECKING:
    from crmcore.testing.postgresql import Server


class Desk:
    """Asks the planner and remembers the statements it ran."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.documents = Documents(schema().graphql)
        self.planner = Planner(ENTITIES, schema().graphql, database.dialect)
        self.statements: list[tuple[str, tuple[Any, ...]]] = []

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement for the planner."""
        self.statements.append((sql, params))
        return await self.database.fetch(sql, *params)

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Run a statement of one row for the planner."""
        self.statements.append((sql, params))
        return await self.database.row(sql, *params)

    async def read(
        self, text: str, variables: dict[str, Any] | None = None, actor: Actor = ROOT, **more: Any
    ) -> ReadResult:
        """Answer a query."""
        operation = self.documents.get(text)
        return await self.planner.read(self, operation, self.planner.coerce(operation, variables), actor, **more)

    async def ask(self, text: str, variables: dict[str, Any] | None = None, actor: Actor = ROOT) -> Any:
        """Return the data of an answer without errors."""
        result = await self.read(text, variables, actor)
        assert result.errors == []
        return json.loads(result.json)


@pytest.fixture(scope="session")
def filled_url(crm_dialect: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """The URL of a database with the data, made once for all tests that only read."""
    if crm_dialect == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('planner') / 'crm.db'}"
    else:
        server: Server = request.getfixturevalue("crm_postgresql")
        url = server.url("planner")

    async def make() -> None:
        if crm_dialect == "postgresql":
            admin = await asyncpg.connect(server.url("postgres"))
            await admin.execute(
                "create database planner template template0 locale_provider builtin builtin_locale 'C.UTF-8'"
            )
            await admin.close()
        database = Database.from_url(url)
        await database.open()
        await fill_database(database)
        await database.close()

    asyncio.run(make())
    return url


@pytest.fixture
async def desk(filled_url: str) -> AsyncIterator[Desk]:
    """The small CRM, ready to be asked; its data is shared by all tests."""
    database = Database.from_url(filled_url)
    await database.open()
    yield Desk(database)
    await database.close()


@pytest.fixture
async def own_desk(database: Database) -> Desk:
    """The small CRM with data of its own, for a test that changes it."""
    await fill_database(database)
    return Desk(database)
