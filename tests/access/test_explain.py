"""Why somebody may or may not do something, in sentences."""

from __future__ import annotations

from uuid import UUID

import pytest

from crmcore.access.actor import ACTIONS, Actor
from crmcore.access.explain import Explanation, explain
from crmcore.database import ids
from crmcore.entities import actions
from tests.access.conftest import House


@pytest.fixture
async def ann(house: House) -> UUID:
    """Ann keeps her own accounts, and sees no account's team."""
    await house.role("keeper", {"account:read": "OWN", "shelf:read": "ALL"}, {"account.teamId": "HIDDEN"})
    return await house.user("Ann", "keeper")


async def account(house: House, owner: UUID | None) -> UUID:
    return UUID(str((await house.do(actions.create, "account", {"owner_id": owner}))["id"]))


async def ask(house: House, actor: Actor, entity: str, id: UUID, action: str = "read") -> Explanation:
    return await explain(house.database, house.entities, actor, entity, id, action)


async def test_a_role_is_named_with_its_scope(house: House, ann: UUID) -> None:
    """The role, the permission, what it reaches, and the field rules that go with it."""
    found = await ask(house, await house.actor(ann), "account", await account(house, ann))

    assert found == Explanation(
        True,
        "role:keeper account:read OWN",
        [
            "Ann may read this account.",
            "The role Keeper gives Ann account:read for their own records.",
            "The field team is hidden from Ann by the role Keeper.",
            "The field teamId is hidden from Ann by the role Keeper.",
        ],
    )


async def test_out_of_reach_and_not_there_are_told_alike(house: House, ann: UUID) -> None:
    """Whether a record exists is not said to those who may not see it."""
    there, absent = await account(house, None), ids.new()
    actor = await house.actor(ann)
    texts = [str(await ask(house, actor, "account", id)).replace(str(id), "…") for id in (there, absent)]

    assert texts[0] == texts[1]
    assert "is not among them, or there is no such record" in texts[0]


async def test_a_missing_permission_is_named(house: House, ann: UUID) -> None:
    """What one would have to ask for."""
    mine = await account(house, ann)
    found = await ask(house, await house.actor(ann), "account", mine, "delete")

    assert (found.allowed, found.rule) == (False, "none")
    assert (
        found.sentences[1]
        == "None of their roles (Keeper) gives account:delete; a role that gives it is what is missing."
    )


async def test_somebody_without_roles_lacks_a_role(house: House) -> None:
    """The sentence says that there is none."""
    found = await ask(house, await house.actor(await house.user("Bob")), "account", ids.new())

    assert found.sentences[1].startswith("None of their roles (none) gives account:read")


async def test_what_a_token_takes_away_is_told(house: House, ann: UUID) -> None:
    """The role would permit it, the token does not."""
    token = await house.token(ann, "shelf:read")
    found = await ask(house, await house.bearer(token), "account", await account(house, ann))

    assert (found.rule, found.sentences[1]) == (
        "token",
        "The role Keeper gives account:read, and the token is limited to other things.",
    )


async def test_somebody_deactivated_may_nothing(house: House, ann: UUID) -> None:
    """Whatever their roles are."""
    await house.do(actions.update, "user", ann, {"is_active": False})
    found = await ask(house, await house.actor(ann), "account", await account(house, ann))

    assert found == Explanation(False, "inactive", ["Ann is deactivated, so nothing is permitted."])


async def test_everything_is_told_as_such(house: House) -> None:
    """An administrator's role is named; where there is no record, that is said."""
    await house.role("admin", everything=True)
    root = await house.actor(await house.user("Root", "admin"))
    there = await ask(house, root, "account", await account(house, None), "destroy")
    absent = await ask(house, root, "account", ids.new())

    assert there.sentences == ["Root may destroy this account.", "The role Admin permits everything."]
    assert (absent.allowed, absent.rule) == (False, "absent")


async def test_a_guarded_record_is_explained_by_its_target(house: House, ann: UUID) -> None:
    """The chain is told down to the role that decides."""
    above = await account(house, ann)
    note = await house.do(actions.create, "note", {"account_id": above})
    reply = await house.do(actions.create, "reply", {"note_id": note["id"]})
    found = await ask(house, await house.actor(ann), "reply", reply["id"])

    assert (found.allowed, found.rule) == (True, "guard:note guard:account role:keeper account:read OWN")
    assert "A reply follows the record it belongs to: who may read that may read this." in found.sentences
    assert "The role Keeper gives Ann account:read for their own records." in found.sentences


async def test_writing_a_guarded_record_is_explained_by_update_of_its_target(house: House, ann: UUID) -> None:
    """Deleting a note takes updating its account."""
    note = await house.do(actions.create, "note", {"account_id": await account(house, ann)})
    found = await ask(house, await house.actor(ann), "note", note["id"], "delete")

    assert (found.allowed, found.rule) == (False, "guard:account none")


async def test_a_guarded_record_out_of_reach_does_not_name_its_target(house: House, ann: UUID) -> None:
    """Whom a note is about is not said to those who may not see them."""
    above = await account(house, None)
    note = await house.do(actions.create, "note", {"account_id": above})
    found = await ask(house, await house.actor(ann), "note", note["id"])

    assert (found.allowed, found.rule, str(above) in str(found)) == (False, "guard", False)


@pytest.mark.parametrize("entity", ["account", "note", "shelf", "user"])
async def test_the_explanation_and_the_rule_agree(house: House, ann: UUID, entity: str) -> None:
    """For every action, what is explained is what happens."""
    mine = await account(house, ann)
    rows = {
        "account": mine,
        "note": (await house.do(actions.create, "note", {"account_id": mine}))["id"],
        "shelf": (await house.do(actions.create, "shelf", {}))["id"],
        "user": ann,
    }
    actor = await house.actor(ann)
    explained = [(await ask(house, actor, entity, rows[entity], a)).allowed for a in ACTIONS]
    actual = [await house.do(lambda work, a=a: work.reaches(entity, rows[entity], a), by=actor) for a in ACTIONS]

    assert explained == actual
