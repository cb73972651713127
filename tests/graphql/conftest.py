"""A CRM of the small world, on a real database with the real planner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
import pytest

from crmcore.access.actor import EVERYTHING, Actor, ActorType
from crmcore.access.standing import Standing
from crmcore.database import Database, ids
from crmcore.database.connection import Isolation
from crmcore.database.create import create_tables
from crmcore.entities.idempotency import IdempotencyKey
from crmcore.entities.unit import Unit
from crmcore.entities.work import Work
from crmcore.events import Handlers
from crmcore.graphql.planner import Documents, Planner, Tiers
from crmcore.graphql.requests.execute import execute
from crmcore.graphql.schema.schema import CrmSchema, build_schema
from tests.graphql.world import ACTIONS, ENTITIES, contributed, registries

T = TypeVar("T")

ANA = Actor(ActorType.USER, "user_1", "Ana", user_id=ids.new(), access=EVERYTHING)


class WorldCrm:
    """What `crmcore.graphql` needs of a `Crm`."""

    def __init__(self, database: Database, schema: CrmSchema) -> None:
        self.database = database
        self.schema = schema
        self.entities = ENTITIES
        self.tiers = Tiers()
        self.documents = Documents(schema.graphql)
        self.planner = Planner(ENTITIES, schema.graphql, database.dialect)
        self.runs = 0

    async def run(
        self,
        actor: Actor,
        unit: Callable[[Work], Awaitable[T]],
        *,
        isolation: Isolation = "repeatable read",
        last: Callable[[T], Awaitable[None]] | None = None,
        standing: Standing | None = None,
        **about: Any,
    ) -> T:
        """Do a unit of work in a transaction."""
        self.runs += 1

        def made(hopeful: bool) -> Work:
            settings: Any = None
            return Work(self.database, ENTITIES, registries(), Handlers([]), actor, settings, hopeful=hopeful, **about)

        async def nothing(_work: Work) -> bool:
            return False

        result, _ = await self.database.retrying(
            Unit(self.database, made, unit, nothing, isolation, last, standing).attempt
        )
        return result

    async def answer(
        self, text: str, variables: dict[str, Any] | None = None, *, actor: Actor = ANA, **more: Any
    ) -> dict[str, Any]:
        """Return the whole answer, parsed."""
        name = more.pop("operation_name", None)
        answer = await execute(self, text, variables, name, actor, "request-1", **more)  # type: ignore[arg-type]
        return {"status": answer.status, **msgspec.json.decode(answer.body)}

    async def data(self, text: str, variables: dict[str, Any] | None = None, *, actor: Actor = ANA) -> Any:
        """Return the data of an answer without errors."""
        answer = await self.answer(text, variables, actor=actor)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@pytest.fixture
def make_crm(database: Database) -> Callable[..., Awaitable[WorldCrm]]:
    """Give a function that makes the CRM, with what a plugin contributes."""

    async def made(**given: Any) -> WorldCrm:
        await create_tables(database, [*(e.table for e in ENTITIES.values()), IdempotencyKey])
        return WorldCrm(database, schema_with(**given) if given else bare_schema())

    return made


def schema_with(**given: Any) -> CrmSchema:
    """Build the schema, with what a plugin contributes."""
    return build_schema(ENTITIES, registries(), ACTIONS, contributed(**given))


@cache
def bare_schema() -> CrmSchema:
    """The schema without plugins, built once: it is never written to, and takes longer than a test."""
    return schema_with()


@pytest.fixture
async def world(make_crm: Callable[..., Awaitable[WorldCrm]]) -> WorldCrm:
    """The CRM without plugins."""
    return await make_crm()
