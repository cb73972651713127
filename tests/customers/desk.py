"""Somebody at a desk: the verbs of the core entities as one-liners, each in a unit of work of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

import pytest

from crmcore import clock
from crmcore.access.actor import EVERYTHING, Actor, ActorType
from crmcore.database import Database
from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Refusal
from crmcore.events import Event

T = TypeVar("T")

ANA = Actor(ActorType.USER, "user_1", "Ana", access=EVERYTHING)
IMPORT = Actor(ActorType.IMPORT, "import_1", "accounts.csv", access=EVERYTHING)


class Runs(Protocol):
    """What a desk needs of a CRM."""

    database: Database

    async def run(self, actor: Actor, unit: Callable[[Work], Awaitable[T]]) -> T: ...


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_(self, **much: float) -> datetime:
        self.time += timedelta(**much)
        return self.time


class Desk:
    """The verbs, done by Ana, who may do everything, unless `by` says who."""

    def __init__(self, crm: Runs) -> None:
        self.crm = crm
        self.clock = Clock()
        self.events: list[Event] = []

    async def do(self, function: Callable[..., Awaitable[T]], *args: Any, by: Actor = ANA, **more: Any) -> T:
        """Call a function of a `Work` in a unit of work; its events are in `events` afterwards."""

        async def unit(work: Work) -> T:
            done = await function(work, *args, **more)
            self.events = list(work.events)
            return done

        with clock.at(self.clock):
            return await self.crm.run(by, unit)

    async def refusal(self, function: Callable[..., Awaitable[Any]], *args: Any, **more: Any) -> Refusal:
        """Call a function that must be refused."""
        with pytest.raises(Refusal) as caught:
            await self.do(function, *args, **more)
        return caught.value

    async def create(self, entity: str, by: Actor = ANA, **values: Any) -> Row:
        return await self.do(actions.create, entity, values, by=by)

    async def update(self, entity: str, id: UUID, by: Actor = ANA, **values: Any) -> Row:
        return await self.do(actions.update, entity, id, values, by=by)

    async def person(self, name: str = "Li Wei", **values: Any) -> Row:
        return await self.create("customer", kind="PERSON", display_name=name, **values)

    async def organization(self, name: str = "Cancity", **values: Any) -> Row:
        return await self.create("customer", kind="ORGANIZATION", display_name=name, **values)

    async def no(self, entity: str, by: Actor = ANA, **values: Any) -> set[tuple[str, str]]:
        """Try to create a record that must be refused; give the violations' paths and codes."""
        return said(await self.refusal(actions.create, entity, values, by=by))

    async def no_update(self, entity: str, id: UUID, by: Actor = ANA, **values: Any) -> set[tuple[str, str]]:
        """Try to change a record in a way that must be refused; give the violations' paths and codes."""
        return said(await self.refusal(actions.update, entity, id, values, by=by))

    async def find(self, entity: str, **equals: Any) -> list[Row]:
        """Read live records, oldest first."""

        async def unit(work: Work) -> list[Row]:
            return sorted(await work.find(entity, **equals), key=lambda row: row["id"])

        return await self.crm.run(ANA, unit)

    async def get(self, entity: str, id: UUID) -> Row:
        (row,) = await self.find(entity, id=id)
        return row


def said(refusal: Refusal) -> set[tuple[str, str]]:
    """Give the paths and codes of a refusal's violations."""
    return {(violation.path, violation.code) for violation in refusal.violations}
