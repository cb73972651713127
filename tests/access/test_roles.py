"""The rules of roles: they name what exists, and nobody gives what they do not have."""

from __future__ import annotations

from uuid import UUID

import pytest

from crmcore.access import accounts
from crmcore.access.actor import Actor
from crmcore.entities import actions
from crmcore.errors import Forbidden, Invalid
from tests.access.conftest import House


async def refusal(house: House, key: str, *args: dict[str, str]) -> str:
    """Make a role; return why it was refused, or nothing."""
    try:
        await house.role(key, *args)
    except Invalid as refused:
        return refused.message
    return ""


async def test_a_permission_that_means_nothing_is_refused(house: House) -> None:
    """A misspelt permission would be a right that silently is not there."""
    expected = {
        ("acount:read", "ALL"): "There is no entity 'acount'",
        ("account:raed", "ALL"): "There is no action 'raed'",
        ("account:restore", "ALL"): "restoring is delete",
        ("zoo.fed", "ALL"): "write entity:action, or one of: access.manage, zoo.feed",
        ("*:read", "ALL"): "There is no entity",
        ("shelf:read", "OWN"): "its scope is ALL or NONE",
        ("user:read", "TEAM"): "its scope is ALL or NONE",
        ("zoo.feed", "OWN"): "its scope is ALL or NONE",
        ("note:read", "ALL"): "it follows its account",
        ("label:read", "ALL"): "it follows the record it is attached to",
        ("account:read", "MINE"): "scope must be one of NONE, OWN, TEAM, ALL",
    }
    role = await house.role("keeper")
    for (permission, scope), message in expected.items():
        with pytest.raises(Invalid, match=message):
            await house.permit(role, permission, scope)


async def test_a_permission_that_means_something_is_accepted(house: House) -> None:
    """Entities' actions and plugins' permissions; OWN and TEAM where there is somebody in charge."""
    fine = {
        "account:read": "TEAM",
        "shelf:export": "ALL",
        "zoo.feed": "ALL",
        "visit:destroy": "OWN",
        "user:read": "NONE",
    }

    assert await refusal(house, "keeper", fine) == ""


async def test_a_field_rule_that_cannot_be_is_refused(house: House) -> None:
    """A field that is never empty has nothing to show in place of its value."""
    expected = {
        ("acount.name", "HIDDEN"): "There is no entity 'acount'",
        ("user.nmae", "HIDDEN"): "User has no field 'nmae'",
        ("user.name", "HIDDEN"): "name is never empty, so it cannot be hidden",
        ("user.isActive", "MASKED"): "isActive is never empty and no text",
        ("user.createdBy", "HIDDEN"): "createdBy is never empty",
        ("user.id", "MASKED"): "id is never empty and no text",
        ("team_membership.user", "HIDDEN"): "userId is never empty",
        ("user.memberships", "HIDDEN"): "is a list of records",
        ("user.createdBy", "READ_ONLY"): "is not written by anybody",
    }
    outcomes = [await refusal(house, f"keeper-{n}", {}, {rule[0]: rule[1]}) for n, rule in enumerate(expected)]

    assert [m for m, outcome in zip(expected.values(), outcomes, strict=True) if m not in outcome] == []


async def test_a_field_rule_that_can_be_is_accepted(house: House) -> None:
    """Texts can be masked, what may be empty hidden, and what is written made read-only."""
    rules = {
        "user.email": "HIDDEN",
        "user.name": "MASKED",
        "user.isActive": "READ_ONLY",
        "account.team": "HIDDEN",
        "team.parentId": "MASKED",
    }

    assert await refusal(house, "keeper", {}, rules) == ""


async def test_a_key_is_for_scripts(house: House) -> None:
    """Lower-case letters, digits and dashes."""
    outcomes = {key: await refusal(house, key) for key in ("Sales", "1st", "a b", "", "über", "field-sales-2")}

    assert [key for key, outcome in outcomes.items() if not outcome] == ["field-sales-2"]


async def test_an_unknown_role_is_told_with_those_there_are(house: House) -> None:
    """So that the next attempt is right."""
    await house.role("keeper")

    with pytest.raises(Invalid, match=r"no role 'keper'; there are keeper"):
        await house.user("Ann", "keper")


async def test_giving_a_role_twice_gives_it_once(house: House) -> None:
    """A script may be run again."""
    await house.role("keeper")
    ann = await house.user("Ann", "keeper")
    await house.do(accounts.give_role, ann, "keeper")

    assert len(await house.do(lambda work: work.find("role_assignment", user_id=ann))) == 1


@pytest.fixture
async def clerk(house: House) -> Actor:
    """Somebody who may change roles, and else only read their own accounts."""
    rights = {"role:read": "ALL", "role:create": "ALL", "role:update": "ALL", "role:delete": "ALL", "user:read": "ALL"}
    await house.role("clerk", {**rights, "account:read": "OWN"}, {"account.teamId": "HIDDEN"})
    return await house.actor(await house.user("Clerk", "clerk"))


MORE = "yourself|let others do so|than you may"


async def test_a_wider_role_is_not_given(house: House, clerk: Actor) -> None:
    """Nobody makes themselves an administrator."""
    await house.role("admin", everything=True)

    with pytest.raises(Invalid, match=MORE):
        await house.do(accounts.give_role, clerk.user_id, "admin", by=clerk)


async def test_a_narrower_role_is_given(house: House, clerk: Actor) -> None:
    """What one has oneself one may give."""
    await house.role("reader", {"account:read": "OWN"})

    assert await house.do(accounts.give_role, await house.user("Ann"), "reader", by=clerk)


@pytest.mark.parametrize(
    ("permission", "scope"), [("account:read", "ALL"), ("account:update", "OWN"), ("zoo.feed", "ALL")]
)
async def test_a_permission_one_lacks_is_not_added(house: House, clerk: Actor, permission: str, scope: str) -> None:
    """Neither to a new role nor to one's own."""
    role = await house.role("other")

    with pytest.raises(Invalid, match=MORE):
        await house.permit(role, permission, scope, by=clerk)


async def test_a_permission_one_has_is_added(house: House, clerk: Actor) -> None:
    """With the same scope or a narrower one."""
    assert await house.permit(await house.role("other"), "account:read", "OWN", by=clerk)


async def test_a_scope_is_not_widened_beyond_ones_own(house: House, clerk: Actor) -> None:
    """Updating a permission is as much as adding one."""
    await house.role("other", {"account:read": "OWN"})
    permission = (await house.do(lambda work: work.find("role_permission", permission="account:read")))[-1]["id"]

    with pytest.raises(Invalid, match=MORE):
        await house.do(actions.update, "role_permission", permission, {"scope": "ALL"}, by=clerk)


async def test_a_deleted_permission_one_lacks_is_not_restored(house: House, clerk: Actor) -> None:
    """Nor is restoring a way around."""
    role = await house.role("other")
    permission = await house.permit(role, "zoo.feed", "ALL")
    await house.do(actions.delete, "role_permission", permission["id"])

    with pytest.raises(Invalid, match=MORE):
        await house.do(actions.restore, "role_permission", permission["id"], by=clerk)


@pytest.mark.parametrize("verb", ["create", "update"])
async def test_everything_is_given_by_those_who_have_it(house: House, clerk: Actor, verb: str) -> None:
    """A role that may do everything is made by an administrator."""
    role = await house.role("other")
    call = (actions.create, "role", {"key": "all", "name": "All", "everything": True})
    if verb == "update":
        call = (actions.update, "role", role, {"everything": True})  # type: ignore[assignment]

    with pytest.raises(Invalid, match=MORE):
        await house.do(*call, by=clerk)


async def test_a_rule_one_is_under_is_not_lifted(house: House, clerk: Actor) -> None:
    """Who may change roles does not thereby see what is hidden from them."""
    rule = (await house.do(lambda work: work.find("field_rule")))[0]["id"]

    with pytest.raises(Invalid, match=MORE):
        await house.do(actions.delete, "field_rule", rule, by=clerk)


async def test_reading_roles_does_not_let_one_change_them(house: House) -> None:
    """Permissions, rules and assignments follow their role: they take its update."""
    await house.role("auditor", {"role:read": "ALL", "user:read": "ALL"})
    auditor = await house.actor(await house.user("Auditor", "auditor"))
    role: UUID = await house.role("other")

    with pytest.raises(Forbidden):
        await house.permit(role, "account:read", "NONE", by=auditor)
