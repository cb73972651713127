"""The roles and the administrator a new CRM starts with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from crmcore.access.actor import EVERYTHING, Scope
from crmcore.access.defaults import ensure_default_roles
from crmcore.access.first import issue_first_token
from crmcore.access.tokens import IssuedToken
from crmcore.entities import actions
from crmcore.entities.registry import Entities
from crmcore.errors import Unauthenticated
from tests.access.conftest import Clock, House
from tests.access.zoo import ENTITIES


async def scopes(house: House, role: str) -> dict[str, Scope]:
    """Return what a role permits."""
    actor = await house.actor(await house.user(role, role))
    return dict(actor.access.scopes)


async def test_default_roles(house: House) -> None:
    """Managers work with their teams' records, sales with their own, viewers read; none changes people or roles."""
    await house.do(ensure_default_roles)
    common = {"shelf:read": Scope.ALL, "user:read": Scope.ALL, "team:read": Scope.ALL}
    work, owned = ("read", "create", "update", "delete"), ("account", "visit")
    expected = {
        "manager": common
        | {"shelf:export": Scope.ALL}
        | {f"{e}:{a}": Scope.TEAM for e in owned for a in (*work, "export")},
        "sales": common | {f"{e}:{a}": Scope.OWN for e in owned for a in work},
        "viewer": common | {f"{e}:read": Scope.ALL for e in owned},
    }

    assert {role: await scopes(house, role) for role in expected} == expected


async def test_administrators_may_do_everything(house: House) -> None:
    """Whatever plugins add."""
    await house.do(ensure_default_roles)

    assert (await house.actor(await house.user("Root", "admin"))).access == EVERYTHING


async def test_what_was_taken_from_a_role_is_not_given_back(house: House) -> None:
    """Starting again leaves roles as the installation made them."""
    await house.do(ensure_default_roles)
    taken = (await house.do(lambda work: work.find("role_permission", permission="account:export")))[0]["id"]
    await house.do(actions.delete, "role_permission", taken)
    await house.do(ensure_default_roles)

    assert await house.do(lambda work: work.find("role_permission", permission="account:export")) == []


async def test_new_entities_get_their_default_rights(house: House) -> None:
    """A plugin that is installed later is usable at once; a default role that was deleted stays away."""
    house.entities = Entities(e for e in ENTITIES.values() if e.name not in ("visit", "shelf", "label"))
    await house.do(ensure_default_roles)
    viewer = (await house.do(lambda work: work.find("role", key="viewer")))[0]["id"]
    await house.do(actions.delete, "role", viewer)
    house.entities = ENTITIES
    await house.do(ensure_default_roles)

    assert (await scopes(house, "sales"))["visit:update"] is Scope.OWN
    assert await house.do(lambda work: work.find("role", key="viewer")) == []


async def test_processes_that_start_at_once_make_the_roles_once(
    house: House, another_house: Callable[[], House]
) -> None:
    """Whoever comes second finds nothing to do."""
    elsewhere = another_house()
    await asyncio.gather(house.do(ensure_default_roles), elsewhere.do(ensure_default_roles))

    assert sorted(r["key"] for r in await house.do(lambda work: work.find("role"))) == [
        "admin",
        "manager",
        "sales",
        "viewer",
    ]


async def test_a_new_crm_lets_its_first_administrator_in(house: House, time: Clock) -> None:
    """The token printed at the first start may do everything, for a week."""
    secret = await issue_first_token(house)  # type: ignore[arg-type]
    token = IssuedToken("", secret, "", [], None)

    assert (await house.bearer(token)).access == EVERYTHING
    time.wait(days=7)
    with pytest.raises(Unauthenticated):
        await house.bearer(token)


async def test_there_is_one_first_token(house: House) -> None:
    """Where there is a user, nothing is made."""
    await issue_first_token(house)  # type: ignore[arg-type]

    assert await issue_first_token(house) is None  # type: ignore[arg-type]


async def test_processes_that_start_at_once_make_one_administrator(
    house: House, another_house: Callable[[], House]
) -> None:
    """Only one of them prints a token."""
    elsewhere = another_house()
    made = await asyncio.gather(issue_first_token(house), issue_first_token(elsewhere))  # type: ignore[arg-type]

    assert len([secret for secret in made if secret]) == 1
    assert len(await house.do(lambda work: work.find("user"))) == 1
