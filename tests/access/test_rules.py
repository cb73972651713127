"""Row rules reach the rows they should, on both databases, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import EVERYTHING, NOTHING, Access, Actor, ActorType, Scope
from crmcore.access.bound import reach_of
from crmcore.access.rules import NO_ROW, ActorValue, reaches, row_predicate
from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.entities.registry import Entities
from tests.access import zoo
from tests.access.zoo import (
    ENTITIES,
    OF_ANN,
    OF_BOB,
    OF_BOB_IN_NORTH,
    OF_NOBODY,
    OF_NORTH,
    SHELF,
    label_on,
    note_on,
    reply_to,
)

EVERY_ACCOUNT = {OF_ANN, OF_BOB, OF_BOB_IN_NORTH, OF_NORTH, OF_NOBODY}
#: What Ann, who is in team North, reaches of the accounts with each scope.
BY_SCOPE = {
    Scope.NONE: set(),
    Scope.OWN: {OF_ANN},
    Scope.TEAM: {OF_ANN, OF_BOB_IN_NORTH, OF_NORTH},
    Scope.ALL: EVERY_ACCOUNT,
}


async def reached(
    database: Database, entity: str, access: Access, *, action: str = "read", user: UUID | None = zoo.ANN
) -> set[UUID]:
    """Return the ids of the rows that an actor in team North reaches."""
    parameters: list[Any] = []

    def bind(value: ActorValue) -> str:
        parameters.append(user if value is ActorValue.USER else [zoo.NORTH])
        place = f"${len(parameters)}"
        return place if value is ActorValue.USER else members(database.dialect, place, "uuid")

    condition = row_predicate(ENTITIES, entity, "t", action, access, bind)
    rows = await database.fetch(
        f"select t.id from {ENTITIES[entity].tablename} t where {condition or '1 = 1'}", *parameters
    )
    return {row[0] for row in rows}


def holding(**scopes: Scope) -> Access:
    """Make an access from `account_read=Scope.OWN`."""
    return Access(scopes={name.replace("_", ":"): scope for name, scope in scopes.items()})


@pytest.fixture
async def animals(database: Database) -> Database:
    await zoo.populate(database)
    return database


async def test_scopes_reach_their_rows(animals: Database) -> None:
    """OWN reaches what one owns, TEAM also what one's teams have, ALL everything, NONE nothing."""
    assert {s: await reached(animals, "account", holding(account_read=s)) for s in Scope} == BY_SCOPE


async def test_a_guarded_row_goes_with_its_target(animals: Database) -> None:
    """A note is reached exactly when its account is."""
    expected = {scope: {note_on(a) for a in accounts} for scope, accounts in BY_SCOPE.items()}

    assert {s: await reached(animals, "note", holding(account_read=s)) for s in Scope} == expected


async def test_guards_form_chains(animals: Database) -> None:
    """A reply to a note is reached exactly when the note's account is."""
    expected = {scope: {reply_to(a) for a in accounts} for scope, accounts in BY_SCOPE.items()}

    assert {s: await reached(animals, "reply", holding(account_read=s)) for s in Scope} == expected


async def test_writing_a_guarded_row_takes_update_on_the_target(animals: Database) -> None:
    """Reading an account does not let one write its notes, nor does deleting it; updating it does."""
    access = holding(
        account_read=Scope.ALL, account_update=Scope.OWN, account_create=Scope.ALL, account_delete=Scope.ALL
    )
    verbs = ("create", "update", "delete", "destroy")

    assert {v: await reached(animals, "note", access, action=v) for v in verbs} == {
        verb: {note_on(OF_ANN)} for verb in verbs
    }


async def test_exporting_a_guarded_row_takes_export_of_the_target(animals: Database) -> None:
    """Being allowed to read an account does not permit the export of its notes."""
    assert set() == await reached(animals, "note", holding(account_read=Scope.ALL), action="export")


async def test_a_permission_on_a_guarded_entity_counts_for_nothing(animals: Database) -> None:
    """The target alone decides."""
    assert set() == await reached(animals, "note", holding(note_read=Scope.ALL))


async def test_what_is_attached_goes_with_what_it_is_attached_to(animals: Database) -> None:
    """A label is reached when the account or the shelf it is on is."""
    own = await reached(animals, "label", holding(account_read=Scope.OWN))
    both = await reached(animals, "label", holding(account_read=Scope.OWN, shelf_read=Scope.ALL))

    assert ({label_on(OF_ANN)}, {label_on(OF_ANN), label_on(SHELF)}) == (own, both)


async def test_what_is_attached_to_its_own_kind_needs_everything_open(animals: Database) -> None:
    """A label on a label is reached only by those who reach all that labels can be on."""
    inner = label_on(label_on(OF_ANN))
    some = await reached(animals, "label", holding(account_read=Scope.ALL, shelf_read=Scope.NONE))
    every = await reached(
        animals,
        "label",
        holding(account_read=Scope.ALL, shelf_read=Scope.ALL, user_read=Scope.ALL, team_read=Scope.ALL),
    )

    assert (inner in some, inner in every) == (False, True)


async def test_rows_without_owner_are_all_or_nothing(animals: Database) -> None:
    """Any scope above NONE reaches every shelf."""
    expected = {Scope.NONE: set(), Scope.OWN: {SHELF}, Scope.TEAM: {SHELF}, Scope.ALL: {SHELF}}

    assert {s: await reached(animals, "shelf", holding(shelf_read=s)) for s in Scope} == expected


async def test_every_declared_owner_counts(animals: Database) -> None:
    """A visit is the own record of whom it is assigned to, as it is of its owner."""
    access = holding(visit_read=Scope.OWN)
    seen = [await reached(animals, "visit", access, user=user) for user in (zoo.ANN, zoo.BOB, zoo.uuid(99))]

    assert [{zoo.ASSIGNED_TO_ANN}, {zoo.ASSIGNED_TO_ANN}, set()] == seen


async def test_an_actor_without_user_owns_nothing(animals: Database) -> None:
    """A row without owner is not the own row of an actor without user."""
    assert set() == await reached(animals, "account", holding(account_read=Scope.OWN), user=None)


async def test_no_permission_reaches_no_row(animals: Database) -> None:
    """Without permissions nothing is reached, whatever the shape of the entity."""
    shapes = ("account", "visit", "shelf", "note", "reply", "label")

    assert {e: await reached(animals, e, NOTHING) for e in shapes} == {shape: set() for shape in shapes}


@pytest.mark.parametrize("entity", ENTITIES)
def test_everything_needs_no_condition(entity: str) -> None:
    """The system and administrators get plain statements."""
    assert row_predicate(ENTITIES, entity, "t", "destroy", EVERYTHING, lambda _: "?") is None


def test_all_on_the_target_needs_no_condition_on_the_guarded() -> None:
    """Where every account is open, notes and replies are not joined to them."""
    assert row_predicate(ENTITIES, "reply", "t", "read", holding(account_read=Scope.ALL), lambda _: "?") is None


def test_values_are_bound_never_written() -> None:
    """The condition holds what `bind` gives and no value of the actor."""
    found = row_predicate(ENTITIES, "reply", "t", "read", holding(account_read=Scope.TEAM), lambda v: f":{v.value}")

    assert found == (
        "exists (select 1 from zoo_note t_g where t_g.id = t.note_id and "
        "exists (select 1 from zoo_account t_g_g where t_g_g.id = t_g.account_id and "
        "(t_g_g.owner_id = :user or t_g_g.team_id in (:teams))))"
    )


def test_an_unknown_action_is_a_mistake() -> None:
    """A misspelt action raises instead of reaching nothing, even for those who may do everything."""
    with pytest.raises(ValueError, match=r"no action 'raed'; use one of read,"):
        row_predicate(ENTITIES, "account", "t", "raed", EVERYTHING, lambda _: "?")


@pytest.mark.parametrize(
    ("entity", "access", "expected"),
    [
        ("account", NOTHING, False),
        ("account", holding(account_read=Scope.OWN), True),
        ("reply", NOTHING, False),
        ("reply", holding(account_read=Scope.OWN), True),
        ("label", NOTHING, False),
        ("label", holding(shelf_read=Scope.ALL), True),
    ],
)
def test_reaches_tells_whether_there_is_any_right_at_all(entity: str, access: Access, expected: bool) -> None:
    """Entities that follow others are reachable when what they follow is."""
    assert expected is reaches(ENTITIES, entity, "read", access)


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_row_has_one_spelling(entity: str) -> None:
    """The text is part of the interface: callers leave out what nobody can reach."""
    assert row_predicate(ENTITIES, entity, "t", "read", NOTHING, lambda _: "?") == NO_ROW


def narrowed(entity: str) -> Entities:
    """Give an entity of the zoo a rule of its own."""
    rule = replace(ENTITIES[entity], narrow=lambda alias, bind: f"{alias}.open or {alias}.by = {bind(ActorValue.USER)}")
    return Entities([rule if e.name == entity else e for e in ENTITIES.values()])


@pytest.mark.parametrize(
    ("entity", "narrow", "expected"),
    [
        ("account", "account", "(t.open or t.by = :user)"),
        ("note", "note", "(t.open or t.by = :user)"),
        (
            "note",
            "account",
            "exists (select 1 from zoo_account t_g where t_g.id = t.account_id and (t_g.open or t_g.by = :user))",
        ),
    ],
)
def test_an_entity_may_narrow_every_role(entity: str, narrow: str, expected: str) -> None:
    """Its own rule stands beside the scope, ALL too, and goes on to what follows its records."""
    access = holding(account_read=Scope.ALL)

    assert row_predicate(narrowed(narrow), entity, "t", "read", access, lambda v: f":{v.value}") == expected


def test_narrowing_gives_nothing() -> None:
    """Where a role reaches no row, an entity's own rule opens none."""
    assert row_predicate(narrowed("account"), "account", "t", "read", NOTHING, lambda _: "?") == NO_ROW


def test_those_who_may_do_everything_are_not_narrowed() -> None:
    """Administrators see private records."""
    assert row_predicate(narrowed("account"), "account", "t", "read", EVERYTHING, lambda _: "?") is None


def test_those_of_equal_reach_are_whose_rule_and_values_are_equal() -> None:
    """Whoever they are, and whatever else they may do."""
    wide = holding(account_read=Scope.ALL)
    ann, bob = (_person(user, wide) for user in (zoo.ANN, zoo.BOB))
    also = _person(zoo.BOB, replace(wide, permissions=frozenset({"access.manage"})))
    own, other = (_person(user, holding(account_read=Scope.OWN)) for user in (zoo.ANN, zoo.BOB))
    team, north = (_person(zoo.ANN, holding(account_read=Scope.TEAM), *teams) for teams in ((), (zoo.NORTH,)))

    assert 1 == len({_reach(one) for one in (ann, bob, also)})
    assert 6 == len({_reach(one) for one in (ann, own, other, team, north, _person(zoo.ANN, NOTHING))})


def _person(user: UUID, access: Access, *teams: UUID) -> Actor:
    return Actor(ActorType.USER, str(user), "A person", user, teams, access)


def _reach(actor: Actor) -> object:
    return reach_of(ENTITIES, "sqlite", actor, "account", "read")
