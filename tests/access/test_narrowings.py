"""What plugins keep back stays back from everybody, by every path of rules, and from nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import EVERYTHING, Access, Actor, Scope
from crmcore.access.bound import bound_rule
from crmcore.access.narrowings import Narrowing, Narrowings
from crmcore.access.rules import ActorValue
from crmcore.database import Database
from crmcore.entities.registry import Entities
from tests.access import zoo
from tests.access.zoo import OF_ANN, OF_BOB, SHELF, label_on, note_on, reply_to

SYSTEM = Actor.system().access
ALL = Access(scopes={"account:read": Scope.ALL, "shelf:read": Scope.ALL})


def but(id: UUID) -> Callable[..., str]:
    """Return SQL that keeps one record back."""
    return lambda alias, _, __: f"{alias}.id <> '{id}'"


async def reached(database: Database, entity: str, access: Access, *narrowings: Narrowing) -> set[UUID]:
    """Return what somebody in team North reaches."""
    entities = Entities(zoo.ENTITIES.values())
    entities.narrowings = Narrowings(narrowings)
    actor = Actor.system()
    rule, values = bound_rule(entities, database.dialect, actor, entity, "read", 1, access=access)
    rows = await database.fetch(f"select t.id from {entities[entity].tablename} t where {rule}", *values)
    return {id for (id,) in rows}


@pytest.fixture
async def animals(database: Database) -> Database:
    await zoo.populate(database)
    return database


@pytest.mark.parametrize("access", [EVERYTHING, ALL], ids=["administrator", "role"])
async def test_a_record_is_kept_back(animals: Database, access: Access) -> None:
    """Administrators and roles that reach all miss the one row, and no other."""
    plain = await reached(animals, "account", access)

    assert plain - {OF_BOB} == await reached(animals, "account", access, Narrowing("account", but(OF_BOB)))


async def test_the_crm_itself_reaches_all(animals: Database) -> None:
    """What keeps the books is not kept from its rows."""
    narrowed = await reached(animals, "account", SYSTEM, Narrowing("account", but(OF_BOB)))

    assert OF_BOB in narrowed


@pytest.mark.parametrize("access", [EVERYTHING, ALL], ids=["administrator", "role"])
@pytest.mark.parametrize(("entity", "of"), [("note", note_on), ("reply", reply_to), ("label", label_on)])
async def test_what_belongs_to_it_goes_with_it(
    animals: Database, entity: str, of: Callable[[UUID], UUID], access: Access
) -> None:
    """Notes, replies to them and labels follow the account, whatever they are attached by."""
    plain = await reached(animals, entity, access)

    assert plain - {of(OF_BOB)} == await reached(animals, entity, access, Narrowing("account", but(OF_BOB)))


async def test_what_belongs_to_nothing_stays(animals: Database) -> None:
    """A label on nothing, or on a label, is not lost to an administrator when accounts are narrowed."""
    loose = UUID(int=9999)
    await animals.execute("insert into zoo_label values ($1, null, null)", loose)

    narrowed = await reached(animals, "label", EVERYTHING, Narrowing("account", but(OF_BOB)))

    assert {loose, label_on(label_on(OF_ANN)), label_on(SHELF)} <= narrowed


async def test_a_narrowing_of_its_own_counts_instead(animals: Database) -> None:
    """An entity that a plugin narrows itself does not follow what it belongs to as well."""
    own = Narrowing("note", lambda *_: None)

    assert note_on(OF_BOB) in await reached(animals, "note", EVERYTHING, Narrowing("account", but(OF_BOB)), own)


async def test_only_the_actions_that_are_named(animals: Database) -> None:
    """What narrows updates leaves reading alone."""
    updates = Narrowing("account", but(OF_BOB), ("update",))

    assert OF_BOB in await reached(animals, "account", EVERYTHING, updates)


async def test_the_access_may_decide(animals: Database) -> None:
    """Who holds a permission can be spared; equal keys still mean equal plans, since permissions and purpose are in them."""

    def sql(alias: str, _: Any, access: Access) -> str | None:
        return None if access.may("zoo.all") else f"{alias}.id <> '{OF_BOB}'"

    spared = Access(scopes=ALL.scopes, permissions=frozenset({"zoo.all"}))

    assert [False, True] == [
        OF_BOB in await reached(animals, "account", a, Narrowing("account", sql)) for a in (ALL, spared)
    ]
    assert 4 == len({a.key for a in (ALL, spared, Access(scopes=ALL.scopes, purpose="x"), SYSTEM)})


async def test_the_instant_is_bound(animals: Database) -> None:
    """A condition can ask what holds now."""

    def sql(alias: str, bind: Callable[[ActorValue], str], _: Access) -> str:
        return f"{alias}.id is not null and {bind(ActorValue.NOW)} < '2001-01-01T00:00:00+00:00'"

    assert set() == await reached(animals, "account", EVERYTHING, Narrowing("account", sql))
