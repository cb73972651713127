"""People and records of a CRM whose feed is read: some records are Ana's, some her team's, some neither's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import MappingProxyType
from typing import Any, TypeVar
from uuid import UUID

from crmcore import Actor, Crm, actions
from crmcore.access.actor import Access, ActorType, Effect, Scope
from crmcore.database import ids
from crmcore.entities.store import Row
from crmcore.entities.work import Work

T = TypeVar("T")
SYSTEM = Actor.system()


class Scene:
    """A CRM with Ana, her team and Bob."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.names: dict[str, str] = {}

    async def set_up(self) -> Scene:
        """Make the people."""
        self.team = (await self.create("team", name="North"))["id"]
        self.ana = (await self.create("user", name="Ana", email="ana@example.com"))["id"]
        self.bob = (await self.create("user", name="Bob", email="bob@example.com"))["id"]
        return self

    async def do(self, unit: Callable[[Work], Awaitable[T]], by: Actor = SYSTEM, **about: Any) -> T:
        """Do a unit of work."""
        return await self.crm.run(by, unit, **about)

    async def create(self, entity: str, **values: Any) -> Row:
        """Make a record."""
        return await self.do(lambda work: actions.create(work, entity, values))

    async def update(self, entity: str, id: UUID, **values: Any) -> Row:
        """Change a record."""
        return await self.do(lambda work: actions.update(work, entity, id, values))

    async def delete(self, entity: str, id: UUID) -> Row:
        """Delete a record so that it can be restored."""
        return await self.do(lambda work: actions.delete(work, entity, id))

    async def destroy(self, entity: str, id: UUID) -> Row:
        """Remove a record for ever."""
        return await self.do(lambda work: actions.destroy(work, entity, id))

    async def customer(self, name: str, **values: Any) -> UUID:
        """Make a customer that tests know by its name."""
        row = await self.create("customer", kind="ORGANIZATION", display_name=name, **values)
        self.names[ids.encode("customer", row["id"])] = name
        id: UUID = row["id"]
        return id

    def actor(self, scopes: dict[str, Scope], effects: dict[tuple[str, str], Effect] | None = None) -> Actor:
        """Return Ana with some rights."""
        access = Access(scopes=MappingProxyType(scopes), effects=MappingProxyType(effects or {}))
        return Actor(ActorType.USER, f"user_{self.ana}", "Ana", self.ana, (self.team,), access)

    def reader(self, scope: Scope, **effects: Effect) -> Actor:
        """Return Ana with the right to read some customers, and rules on fields of theirs."""
        return self.actor({"customer:read": scope}, {("customer", name): rule for name, rule in effects.items()})

    async def ask(self, text: str, variables: dict[str, Any] | None = None, *, by: Actor = SYSTEM) -> Any:
        """Return the data of an answer without errors."""
        answer = await self.crm.execute(text, variables, actor=by)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def end(self) -> str:
        """Return a cursor of all that has happened."""
        found: str = (await self.ask("{ changes(first: 0) { pageInfo { endCursor } } }"))["changes"]["pageInfo"][
            "endCursor"
        ]
        return found
