"""The small CRM with its data, on either database, and a way to ask it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.graphql.planner import Documents, Planner, ReadResult
from tests.graphql.planner.world import ENTITIES, ROOT, fill_database, schema


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

    async def read(self, text: str, variables: dict[str, Any] | None = None, actor: Actor = ROOT, **more: Any) -> ReadResult:
        """Answer a query."""
        operation = self.documents.get(text)
        return await self.planner.read(self, operation, self.planner.coerce(operation, variables), actor, **more)

    async def ask(self, text: str, variables: dict[str, Any] | None = None, actor: Actor = ROOT) -> Any:
        """Return the data of an answer without errors."""
        result = await self.read(text, variables, actor)
        assert result.errors == []
        return json.loads(result.json)


@pytest.fixture
async def desk(database: Database) -> Desk:
    """The small CRM, ready to be asked."""
    await fill_database(database)
    return Desk(database)
