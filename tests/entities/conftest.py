"""A small world of entities, so that the verbs are tested without any entity of the CRM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import pytest
from piccolo.table import Table

from crmcore.access.actor import EVERYTHING, Access, Actor, ActorType, Scope
from crmcore.database import Database, ids
from crmcore.database.create import create_tables
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.change import Change
from crmcore.entities.entity import Entity, Key
from crmcore.entities.idempotency import IdempotencyKey
from crmcore.entities.record import Record
from crmcore.entities.registries import Registered, Registries
from crmcore.entities.registry import Entities
from crmcore.entities.work import Work
from crmcore.events import After, Handlers, Inside


class Size(Enum):
    """How large."""

    SMALL = 1
    LARGE = 2


class Person(Record, Table, tablename="person"):
    """Somebody."""

    name = c.text("Name.")
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Gadget(Record, Table, tablename="gadget"):
    """A thing."""

    name = c.text("Name.", max_length=20)
    code = c.text("Code.", null=True)
    size = c.choice(Size, "Size.", default=Size.SMALL)
    shape = c.text("Shape.", null=True, registry="shapes")
    count = c.integer("How many.", null=True, minimum=0, maximum=10)
    maker = c.text("Who made it.", null=True, write=c.Write.CREATE)
    checked_at = c.instant("When it was checked.", null=True, write=c.Write.NEVER)
    price = c.minor_units("Price.", currency="price_currency", minimum=0)
    price_currency = c.currency("Its currency.")
    extra = c.json("Anything.")
    owner_id = c.link("person", "Whose.", references=Person, null=True)
    team_id = c.link("person", "Whose team's.", references=Person, null=True)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code",), unique=True, live=True),)


class Part(Record, Table, tablename="part"):
    """A part of a gadget."""

    gadget_id = c.link("gadget", "Of which gadget.", references=Gadget, inverse="parts", on_delete="CASCADE")
    name = c.text("Name.")
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Use(Record, Table, tablename="gadget_use"):
    """A use that needs its gadget."""

    gadget_id = c.link("gadget", "Of which gadget.", references=Gadget)
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Note(Record, Table, tablename="note"):
    """A note on anything."""

    subject_id = c.any_link("On what.", inverse="notes")
    subject_type = c.text("What that is.", write=c.Write.CREATE)
    text = c.text("What it says.")
    __indexes__: ClassVar[tuple[Index, ...]] = ()


async def prepare_gadget(work: Work, change: Change) -> None:
    """A rule to see: forbidden names, and no deleting of what is locked."""
    if change.get("name") == "forbidden":
        change.refuse("name", "FORBIDDEN_NAME", "Call it something else.")
    if change.kind == "delete" and change.get("name") == "locked":
        change.refuse("id", "LOCKED", "It is locked.")
    if change.context.get("checked"):
        change.values["checked_at"] = work.now


ENTITIES = (
    Entity(Gadget, "gadgets", prepare=prepare_gadget, keys=(Key("CODE", ("code",)),), attachable=True),
    Entity(Person, "people"),
    Entity(Part, "parts", guarded_by="gadget_id"),
    Entity(Use, "uses", guarded_by="gadget_id"),
    Entity(Note, "notes", guarded_by="subject_id"),
)


def actor(scopes: dict[str, Scope] | None = None, *, user_id: UUID | None = None, **more: Any) -> Actor:
    """Make somebody with the given rights, or with all of them."""
    access = EVERYTHING if scopes is None else Access(scopes=MappingProxyType(scopes), **more)
    return Actor(ActorType.USER, "user_1", "Ana", user_id=user_id, access=access)


Open = Callable[..., AbstractAsyncContextManager[Work]]


@pytest.fixture
async def open_work(database: Database) -> Open:
    """Give a function that opens a unit of work in a transaction: `async with open_work() as work`."""
    await create_tables(database, [*(e.table for e in ENTITIES), IdempotencyKey])
    entities = Entities(ENTITIES)
    registries = Registries([Registered("shapes", "ROUND", "Round", "Like a ball.")], ["shapes"])

    @asynccontextmanager
    async def opened(
        who: Actor | None = None, handlers: tuple[Inside | After, ...] = (), **more: Any
    ) -> AsyncIterator[Work]:
        async with database.transaction():
            yield Work(database, entities, registries, Handlers(handlers), who or actor(), None, **more)  # type: ignore[arg-type]

    return opened


@pytest.fixture
def person(open_work: Open) -> Callable[[str], Awaitable[UUID]]:
    """Give a function that makes a person."""

    async def made(name: str) -> UUID:
        async with open_work() as work:
            id = ids.new()
            await work.insert("person", {"id": id, "name": name})
            return id

    return made
