"""Roles add up: the widest scope, the mildest field rule; and tokens take away."""

from __future__ import annotations

import pytest

from crmcore.access.actor import EVERYTHING, NOTHING, Access, Effect, Scope
from crmcore.access.narrowing import lets_through, narrowed, scope_violations
from crmcore.access.rights import HeldRole, combined, covers, same_column
from tests.access.zoo import ENTITIES

PERMISSIONS = ("access.manage", "zoo.feed")


def role(permissions: dict[str, Scope], **rules: Effect) -> HeldRole:
    """Make a role; rules are on fields of accounts."""
    return HeldRole("r", "R", False, permissions, {("account", field): effect for field, effect in rules.items()})


READER = {"account:read": Scope.ALL}
WRITER = {"account:read": Scope.OWN, "account:update": Scope.OWN}


def test_the_widest_scope_wins() -> None:
    """Two roles together reach what either reaches."""
    access = combined(ENTITIES, [role({"account:read": Scope.OWN}), role({"account:read": Scope.TEAM})])

    assert access.scope("account", "read") is Scope.TEAM


def test_a_role_of_everything_overrides_all_others() -> None:
    """Field rules of other roles do not bind an administrator."""
    assert combined(ENTITIES, [role(READER, teamId=Effect.HIDDEN), HeldRole("a", "A", True)]) == EVERYTHING


def test_no_role_is_no_right() -> None:
    """Somebody without roles may do nothing."""
    assert combined(ENTITIES, []) == NOTHING


def test_a_permission_that_is_not_about_rows_is_held_unless_its_scope_is_none() -> None:
    """NONE takes nothing from another role and gives nothing."""
    access = combined(ENTITIES, [role({"zoo.feed": Scope.ALL, "access.manage": Scope.NONE})])

    assert (access.may("zoo.feed"), access.may("access.manage")) == (True, False)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (role(READER, teamId=Effect.HIDDEN), role(READER, teamId=Effect.MASKED), Effect.MASKED),
        (role(READER, teamId=Effect.HIDDEN), role(READER), None),
        (role(READER, teamId=Effect.HIDDEN), role({"shelf:read": Scope.ALL}), Effect.HIDDEN),
        (role(WRITER, teamId=Effect.READ_ONLY), role(READER), Effect.READ_ONLY),
        (role(WRITER, teamId=Effect.READ_ONLY), role(WRITER), None),
        (role(WRITER, teamId=Effect.HIDDEN), role(READER), Effect.READ_ONLY),
        (role(WRITER, teamId=Effect.MASKED), role(WRITER, teamId=Effect.READ_ONLY), Effect.READ_ONLY),
    ],
)
def test_the_mildest_field_rule_counts(one: HeldRole, other: HeldRole, expected: Effect | None) -> None:
    """Hiding counts among roles that read the entity, read-only among those that write it."""
    assert combined(ENTITIES, [one, other]).effect("account", "teamId") is expected


def test_a_rule_on_an_id_is_one_on_the_relation() -> None:
    """Hiding teamId hides team, which would show the same."""
    access = combined(ENTITIES, [role(READER, teamId=Effect.HIDDEN)])

    assert access.effect("account", "team") is Effect.HIDDEN


def test_a_rule_on_a_relation_is_one_on_the_id() -> None:
    """Hiding team hides teamId."""
    assert set(same_column(ENTITIES, "account", "team")) == {"team", "teamId"}


def test_rules_on_guarded_entities_count_when_the_target_is_readable() -> None:
    """A role reads notes when it reads accounts."""
    rules = {("note", "accountId"): Effect.HIDDEN}
    access = combined(ENTITIES, [HeldRole("r", "R", False, READER, rules), role({"shelf:read": Scope.ALL})])

    assert access.effect("note", "accountId") is Effect.HIDDEN


def test_rules_on_entities_that_are_gone_are_left_out() -> None:
    """A plugin that is no longer installed leaves rules behind that harm nobody."""
    gone = HeldRole("r", "R", False, READER, {("gone", "field"): Effect.HIDDEN})

    assert not combined(ENTITIES, [gone]).effects


@pytest.mark.parametrize(
    ("wider", "narrower", "expected"),
    [
        (EVERYTHING, EVERYTHING, True),
        (Access(scopes=READER), EVERYTHING, False),
        (EVERYTHING, Access(scopes=READER), True),
        (Access(scopes=READER), Access(scopes={"account:read": Scope.OWN}), True),
        (Access(scopes={"account:read": Scope.OWN}), Access(scopes=READER), False),
        (Access(scopes=READER), Access(permissions=frozenset({"zoo.feed"})), False),
        (NOTHING, Access(scopes={"account:read": Scope.NONE}), True),
    ],
)
def test_covers_compares_every_right(wider: Access, narrower: Access, expected: bool) -> None:
    """One covers another when no right of the other is missing or wider."""
    assert covers(wider, narrower) is expected


@pytest.mark.parametrize(
    ("scopes", "wanted", "expected"),
    [
        (["*"], "zoo.feed", True),
        (["*"], "*", True),
        (["*:read"], "account:read", True),
        (["*:read"], "account:update", False),
        (["*:read"], "*:*", False),
        (["*:read"], "*", False),
        (["account:*"], "account:update", True),
        (["account:*"], "*:update", False),
        (["account:read"], "account:*", False),
        (["*:*"], "zoo.feed", False),
        (["zoo.feed"], "zoo.feed", True),
        ([], "account:read", False),
    ],
)
def test_scopes_let_through_what_they_name(scopes: list[str], wanted: str, expected: bool) -> None:
    """Patterns cover permissions and narrower patterns, never wider ones."""
    assert lets_through(scopes, wanted) is expected


def test_narrowing_gives_nothing() -> None:
    """A scope the owner does not have gives no right."""
    access = narrowed(Access(scopes={"account:read": Scope.OWN}), ["*:read", "shelf:read"], ENTITIES, PERMISSIONS)

    assert dict(access.scopes) == {"account:read": Scope.OWN}


def test_narrowing_everything_leaves_what_is_named() -> None:
    """An administrator's token for reading accounts reads all accounts and does nothing else."""
    access = narrowed(EVERYTHING, ["account:read", "zoo.feed"], ENTITIES, PERMISSIONS)

    assert access == Access(scopes={"account:read": Scope.ALL}, permissions=frozenset({"zoo.feed"}))


def test_narrowing_keeps_field_rules() -> None:
    """A token sees no field that its owner does not."""
    effects = {("account", "teamId"): Effect.HIDDEN}
    access = narrowed(Access(scopes=READER, effects=effects), ["*:read"], ENTITIES, PERMISSIONS)

    assert access.effect("account", "teamId") is Effect.HIDDEN


@pytest.mark.parametrize("scope", ["*", "*:read", "account:*", "account:read", "zoo.feed", "note:read", "*:*"])
def test_scopes_that_mean_something_are_accepted(scope: str) -> None:
    """Every form of the documentation is accepted."""
    assert scope_violations([scope], ENTITIES, PERMISSIONS) == []


@pytest.mark.parametrize("scope", ["", "read", "acount:read", "account:raed", "account", "zoo.*", "a:b:c"])
def test_scopes_that_mean_nothing_are_refused(scope: str) -> None:
    """A misspelt scope would be a token that silently lacks a right."""
    assert [v.path for v in scope_violations(["account:read", scope], ENTITIES, PERMISSIONS)] == ["scopes.1"]


def test_an_access_knows_its_roles() -> None:
    """Limits go by them; rights and plans do not, so two roles that permit the same are one to the planner."""
    reads = {"account:read": Scope.ALL}
    one, other = (combined(ENTITIES, [HeldRole(key, key, permissions=reads)]) for key in ("sales", "support"))
    root = combined(ENTITIES, [HeldRole("root", "Root", everything=True), HeldRole("sales", "Sales")])
    assert [a.roles for a in (one, other, root)] == [{"sales"}, {"support"}, {"root", "sales"}]
    assert (one == other, one.key == other.key) == (True, True)
    assert narrowed(root, ["account:read"], ENTITIES, ()).roles == {"root", "sales"}
