"""Who acts is looked up with every request; what was taken away counts no more, in any process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crmcore.access import accounts, sign_in, tokens
from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.access.authenticate import authenticate
from crmcore.database import Database, ids
from crmcore.entities import actions
from crmcore.errors import Unauthenticated
from tests.access.conftest import PASSWORD, Clock, House

Change = Callable[[House, UUID, tokens.IssuedToken], Awaitable[object]]


async def act(house: House, authorization: str | None = None, session: str | None = None) -> Actor:
    return await authenticate(house, authorization, session)  # type: ignore[arg-type]


WRONG = (
    None,
    "",
    "Bearer",
    "Bearer ",
    "Basic Ym9iOmJvYg==",
    "crm_x",
    "Bearer nonsense",
    "Bearer crm_nonsense",
    "Bearer \ud800",
)


async def test_nobody_is_refused_with_a_way_out(house: House) -> None:
    """Whatever is missing or wrong, the message says what to do."""
    for authorization in WRONG:
        with pytest.raises(Unauthenticated, match="crm token issue"):
            await act(house, authorization)


async def test_a_token_acts_in_its_owners_name(house: House) -> None:
    """Label, id, teams and time zone are there for stamps and rules."""
    ann = await house.user("Ann", timezone="Asia/Shanghai")
    team = await house.team("North", ann)
    token = await house.token(ann)
    actor = await house.bearer(token)

    expected = Actor(ActorType.TOKEN, token.id, "Ann (test)", ann, (team,), Access(), "Asia/Shanghai")
    assert actor == expected


async def test_the_header_goes_before_the_cookie(house: House) -> None:
    """A wrong token is not made good by a session the browser sends along."""
    await house.user("Ann", email="ann@example.com", password=PASSWORD)
    begun = await sign_in.sign_in(house, "ann@example.com", PASSWORD, None)  # type: ignore[arg-type]

    with pytest.raises(Unauthenticated):
        await act(house, "Bearer crm_wrong", begun.secret)


async def test_it_takes_one_statement(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once rights are compiled, a request costs one look-up."""
    token = await house.token(await house.user("Ann"))
    await house.bearer(token)
    await house.actors.usage.settle()
    statements = count_statements(house.database, monkeypatch)
    await house.bearer(token)

    assert len(statements) == 1


async def test_equal_rights_are_one_object(house: House) -> None:
    """So that the digest plans are found by is made once, not with every request."""
    token = await house.token(await house.user("Ann"))

    assert (await house.bearer(token)).access is (await house.bearer(token)).access


async def deactivate(house: House, user: UUID, token: tokens.IssuedToken) -> object:
    return await house.do(actions.update, "user", user, {"is_active": False})


async def delete(house: House, user: UUID, token: tokens.IssuedToken) -> object:
    return await house.do(actions.delete, "user", user)


async def destroy(house: House, user: UUID, token: tokens.IssuedToken) -> object:
    return await house.do(actions.destroy, "user", user)


async def revoke(house: House, user: UUID, token: tokens.IssuedToken) -> object:
    return await tokens.revoke(house.database, ids.parse(token.id, "token"))


ENDS = [deactivate, delete, destroy, revoke]


@pytest.mark.parametrize("end", ENDS)
async def test_what_was_ended_is_out_at_once(house: House, end: Change) -> None:
    """The next request of a token is refused after its person or itself was ended."""
    ann = await house.user("Ann")
    token = await house.token(ann)
    await house.bearer(token)
    await end(house, ann, token)

    with pytest.raises(Unauthenticated):
        await house.bearer(token)


@pytest.mark.parametrize("end", ENDS[:3])
async def test_a_session_ends_with_its_person(house: House, end: Change, quick_passwords: None) -> None:
    """The next request of a browser is refused."""
    ann = await house.user("Ann", email="ann@example.com", password=PASSWORD)
    begun = await sign_in.sign_in(house, "ann@example.com", PASSWORD, None)  # type: ignore[arg-type]
    await end(house, ann, await house.token(ann))

    with pytest.raises(Unauthenticated):
        await act(house, session=begun.secret)


async def with_both(house: House) -> tuple[UUID, tokens.IssuedToken, sign_in.SignedIn]:
    """Make Ann, with a token and a session."""
    ann = await house.user("Ann", email="ann@example.com", password=PASSWORD)
    begun = await sign_in.sign_in(house, "ann@example.com", PASSWORD, None)  # type: ignore[arg-type]
    return ann, await house.token(ann), begun


async def test_what_ended_stays_ended(house: House, quick_passwords: None) -> None:
    """Activating somebody again does not revive tokens and sessions of the time before."""
    ann, token, begun = await with_both(house)
    for is_active in (False, True):
        await house.do(actions.update, "user", ann, {"is_active": is_active})

    with pytest.raises(Unauthenticated):
        await house.bearer(token)
    with pytest.raises(Unauthenticated):
        await act(house, session=begun.secret)


@pytest.mark.parametrize("by_hand", ["is_active = false", "deleted_at = created_at"])
async def test_the_database_has_the_last_word(house: House, quick_passwords: None, by_hand: str) -> None:
    """Somebody whom an operator switched off with SQL is out as well."""
    _, token, begun = await with_both(house)
    await house.database.execute(f"update crm_user set {by_hand}")

    with pytest.raises(Unauthenticated):
        await house.bearer(token)
    with pytest.raises(Unauthenticated):
        await act(house, session=begun.secret)


async def test_a_token_ends_at_its_time(house: House, time: Clock) -> None:
    """The instant it expires is the first at which it does not count."""
    token = await house.token(await house.user("Ann"), expires_at=time.now + timedelta(hours=1))
    time.wait(minutes=59, seconds=59)
    await house.bearer(token)
    time.wait(seconds=1)

    with pytest.raises(Unauthenticated):
        await house.bearer(token)


async def of(house: House, table: str, **equals: Any) -> UUID:
    """Return the id of a row."""
    return UUID(str((await house.do(lambda work: work.find(table, **equals)))[0]["id"]))


async def widen(house: House, ann: UUID, role: UUID) -> object:
    permission = await of(house, "role_permission", role_id=role)
    return await house.do(actions.update, "role_permission", permission, {"scope": "ALL"})


async def take_permission(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(actions.delete, "role_permission", await of(house, "role_permission", role_id=role))


async def give_permission(house: House, ann: UUID, role: UUID) -> object:
    return await house.permit(role, "account:update", "OWN")


async def take_role(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(accounts.take_role, ann, "keeper")


async def delete_role(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(actions.delete, "role", role)


async def destroy_role(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(actions.destroy, "role", role)


async def make_everything(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(actions.update, "role", role, {"everything": True})


async def give_role(house: House, ann: UUID, role: UUID) -> object:
    await house.role("other", {"shelf:read": "ALL"})
    return await house.do(accounts.give_role, ann, "other")


async def add_rule(house: House, ann: UUID, role: UUID) -> object:
    values = {"role_id": role, "entity": "account", "field": "teamId", "effect": "HIDDEN"}
    return await house.do(actions.create, "field_rule", values)


async def join_team(house: House, ann: UUID, role: UUID) -> object:
    return await house.team("South", ann)


async def leave_team(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(actions.delete, "team_membership", await of(house, "team_membership", user_id=ann))


async def delete_team(house: House, ann: UUID, role: UUID) -> object:
    return await house.do(actions.delete, "team", await of(house, "team", name="North"))


async def add_subteam(house: House, ann: UUID, role: UUID) -> object:
    other = await house.team("Village")
    return await house.do(actions.update, "team", other, {"parent_id": await of(house, "team", name="North")})


CHANGES = [
    widen, take_permission, give_permission, take_role, delete_role, destroy_role, make_everything, give_role,
    add_rule, join_team, leave_team, delete_team, add_subteam,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
async def test_changed_rights_count_with_the_next_request(
    house: House, change: Callable[..., Awaitable[object]], another_house: Callable[[], House]
) -> None:
    """Whatever decides somebody's rights is changed here by another process, and counts at once in this one."""
    elsewhere = another_house()
    role = await house.role("keeper", {"account:read": "OWN"})
    ann = await house.user("Ann", "keeper")
    await house.team("North", ann)
    token = await house.token(ann)
    before = await house.bearer(token)
    await house.actors.usage.settle()
    await change(elsewhere, ann, role)

    after = await house.bearer(token)
    fresh = await house.actor(ann)
    assert (after.access.key, after.team_ids) == (fresh.access.key, fresh.team_ids)
    assert (after.access.key, after.team_ids) != (before.access.key, before.team_ids)


async def test_a_person_reaches_their_teams_and_what_is_below(house: House) -> None:
    """Sub-teams of sub-teams count; the team above and those beside do not."""
    ann = await house.user("Ann")
    above = await house.team("Country")
    own = await house.team("North", ann, parent=above)
    below = await house.team("City", parent=own)
    deeper = await house.team("District", parent=below)
    await house.team("South", parent=above)

    assert set((await house.actor(ann)).team_ids) == {own, below, deeper}


async def test_rights_of_many_people_do_not_pile_up(house: House) -> None:
    """The least recently used rights go first."""
    house.actors._size = 2
    tokens_ = [await house.token(await house.user(name)) for name in ("Ann", "Bob", "Cid")]
    for token in tokens_:
        await house.bearer(token)

    assert len(house.actors._kept) == 2


async def test_use_is_noted_at_most_once_a_minute(house: House, time: Clock) -> None:
    """A token says when it was last used, without a write for every request."""
    token = await house.token(await house.user("Ann"))
    seen = []
    for seconds in (0, 59, 1):
        time.wait(seconds=seconds)
        await house.bearer(token)
        await house.actors.usage.settle()
        seen.append(await house.database.fetch_value("select last_used_at from crm_token"))

    assert [seen[0], seen[1] - seen[0], seen[2] - seen[0]] == [seen[0], timedelta(), timedelta(minutes=1)]


async def test_a_role_of_own_records_reaches_own_records(house: House) -> None:
    """Rights come through whole: from the rows of a role to the scope of an action."""
    await house.role("keeper", {"account:read": "OWN"})
    token = await house.token(await house.user("Ann", "keeper"))

    assert (await house.bearer(token)).access.scope("account", "read") is Scope.OWN


def count_statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every statement that is sent from now on."""
    sent: list[str] = []
    for name in ("fetch", "fetch_dicts", "fetch_value", "execute"):
        original = getattr(database, name)

        async def noted(sql: str, *params: object, original: Any = original) -> Any:
            sent.append(sql)
            return await original(sql, *params)

        monkeypatch.setattr(database, name, noted)
    return sent
