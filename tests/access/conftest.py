"""A CRM's access and nothing else: its tables, and the few parts of `Crm` that it uses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import argon2
import asyncpg
import pytest

from crmcore import clock
from crmcore.access import accounts, passwords, plugin, state, tokens
from crmcore.access.actor import Actor
from crmcore.access.actors import Actors
from crmcore.access.authenticate import authenticate
from crmcore.access.settings import AccessSettings
from crmcore.access.tokens import IssuedToken
from crmcore.database import Database
from crmcore.database.create import create_tables
from crmcore.entities import actions
from crmcore.entities.registries import Registered, Registries
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.events import Handlers
from crmcore.testing.postgresql import Server
from tests.access import zoo

T = TypeVar("T")

REGISTRIES = Registries(
    [Registered("permissions", "access.manage", "", ""), Registered("permissions", "zoo.feed", "", "")], ["permissions"]
)
TABLES = [*(e.table for e in zoo.ENTITIES.values()), *plugin.crm_tables()]
PASSWORD = "a sentence nobody else thinks of"


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: datetime = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.now += timedelta(**duration)


@dataclass
class House:
    """Stands for a `Crm`: the parts of it that access uses."""

    database: Database
    entities: Any = field(default_factory=lambda: zoo.ENTITIES)
    settings: dict[type, Any] = field(default_factory=lambda: {AccessSettings: AccessSettings()})
    actors: Actors = field(default_factory=lambda: Actors(zoo.ENTITIES, REGISTRIES.keys("permissions")))

    async def run(self, actor: Actor, unit: Callable[[Work], Awaitable[T]]) -> T:
        """Do a unit of work in a transaction."""

        async def attempt() -> T:
            async with self.database.transaction():
                return await unit(Work(self.database, self.entities, REGISTRIES, Handlers(), actor, None))  # type: ignore[arg-type]

        return await self.database.retrying(attempt)

    async def do(self, function: Callable[..., Awaitable[T]], *args: Any, by: Actor | None = None, **kwargs: Any) -> T:
        """Call a function of a `Work` in a transaction, as the system or as somebody."""
        return await self.run(by or Actor.system(), lambda work: function(work, *args, **kwargs))

    async def user(self, name: str, *roles: str, **more: Any) -> UUID:
        """Make a person with roles; return their id."""
        row: Row = await self.do(accounts.create_user, name=name, roles=roles, **more)
        return UUID(str(row["id"]))

    async def role(
        self,
        key: str,
        permissions: dict[str, str] | None = None,
        rules: dict[str, str] | None = None,
        *,
        everything: bool = False,
    ) -> UUID:
        """Make a role of permissions (`{"account:read": "OWN"}`) and field rules (`{"user.email": "HIDDEN"}`)."""
        role = await self.do(actions.create, "role", {"key": key, "name": key.title(), "everything": everything})
        for permission, scope in (permissions or {}).items():
            await self.permit(role["id"], permission, scope)
        for where, effect in (rules or {}).items():
            entity, name = where.split(".")
            values = {"role_id": role["id"], "entity": entity, "field": name, "effect": effect}
            await self.do(actions.create, "field_rule", values)
        return UUID(str(role["id"]))

    async def permit(self, role_id: UUID, permission: str, scope: str, by: Actor | None = None) -> Row:
        """Add a permission to a role."""
        values = {"role_id": role_id, "permission": permission, "scope": scope}
        return await self.do(actions.create, "role_permission", values, by=by)

    async def team(self, name: str, *members: UUID, parent: UUID | None = None) -> UUID:
        """Make a team."""
        team = await self.do(actions.create, "team", {"name": name, "parent_id": parent})
        for member in members:
            await self.do(actions.create, "team_membership", {"team_id": team["id"], "user_id": member})
        return UUID(str(team["id"]))

    async def token(
        self, user: UUID, *scopes: str, by: Actor | None = None, expires_at: datetime | None = None
    ) -> IssuedToken:
        """Make a token; without scopes one that may do all its owner may."""
        return await self.do(tokens.issue, user, "test", scopes or ("*",), expires_at, by=by)

    async def actor(self, user: UUID) -> Actor:
        """Return a person as an actor."""
        return await accounts.load_actor(self.database, self.entities, user)

    async def bearer(self, token: IssuedToken) -> Actor:
        """Authenticate with a token."""
        return await authenticate(self, f"Bearer {token.secret}", None)  # type: ignore[arg-type]


@pytest.fixture
def time() -> Iterator[Clock]:
    """The clock of the test; it stands still."""
    source = Clock()
    with clock.at(source):
        yield source


@pytest.fixture(scope="session")
def furnished() -> set[str]:
    """The URLs of databases that have the tables already."""
    return set()


@pytest.fixture
async def house_url(crm_dialect: str, tmp_path: Path, furnished: set[str], request: pytest.FixtureRequest) -> str:
    """The URL of a database that has the tables and no rows; on PostgreSQL, where tables take long, always the same."""
    if crm_dialect == "sqlite":
        url = f"sqlite:///{tmp_path / 'house.db'}"
    else:
        url = await shared_database(request.getfixturevalue("crm_postgresql"), furnished)
    database = Database.from_url(url)
    await database.open()
    if url in furnished:
        await database.script([f"delete from {table._meta.tablename}" for table in reversed(TABLES)])
    else:
        await create_tables(database, TABLES)
        furnished.add(url)
    await database.execute("insert into crm_access_state (id, revision, offered) values ($1, 1, '[]')", state.ROW)
    await database.close()
    return url


async def shared_database(server: Server, furnished: set[str]) -> str:
    """Make the PostgreSQL database of all tests here, unless it is there."""
    url = server.url("house")
    if url not in furnished:
        admin = await asyncpg.connect(server.url("postgres"))
        await admin.execute("create database house template template0")
        await admin.close()
    return url


@pytest.fixture
async def another_house(house_url: str) -> AsyncIterator[Callable[[], House]]:
    """A function that opens the same CRM again, as another process would."""
    made: list[House] = []

    def another() -> House:
        database = Database.from_url(house_url)
        database.bind(TABLES)
        made.append(House(database))
        return made[-1]

    yield another
    for house in made:
        await house.actors.usage.settle()
        await house.database.close()


@pytest.fixture
async def house(another_house: Callable[[], House], time: Clock) -> House:
    """An empty CRM."""
    return another_house()


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords with the least work Argon2 can do, where the work is not what is tested."""
    quick = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", quick)
    monkeypatch.setattr(passwords, "NOBODYS", quick.hash("nobody's"))
