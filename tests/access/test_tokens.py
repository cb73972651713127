"""Tokens: no wider than their owner, no wider than the token they were made with."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from crmcore.access import accounts, actions, tokens
from crmcore.access.actor import Actor
from crmcore.access.known_tokens import known_tokens
from crmcore.access.tokens import IssuedToken
from crmcore.database import ids
from crmcore.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.access.conftest import PASSWORD, Clock, House


@pytest.fixture
async def ann(house: House) -> UUID:
    """Somebody who keeps accounts."""
    await house.role("keeper", {"account:read": "ALL", "account:update": "OWN", "user:read": "ALL"})
    return await house.user("Ann", "keeper")


async def test_a_token_starts_with_its_mark(house: House, ann: UUID) -> None:
    """So that scanners of source code find one that leaked."""
    assert str((await house.token(ann)).secret).startswith("crm_")


async def test_a_secret_is_not_kept(house: House, ann: UUID) -> None:
    """Who reads the table learns how tokens start and no more."""
    secret = str((await house.token(ann)).secret)
    row = (await house.database.fetch_dicts("select * from crm_token"))[0]

    assert (secret in str(row), secret.startswith(row["prefix"]), len(row["prefix"])) == (False, True, 10)


async def test_scopes_narrow(house: House, ann: UUID) -> None:
    """A token for reading reads what its owner reads."""
    actor = await house.bearer(await house.token(ann, "*:read"))

    assert set(actor.access.scopes) == {"account:read", "user:read"}


async def test_a_token_that_means_nothing_is_refused(house: House, time: Clock, ann: UUID) -> None:
    """Label, scopes and end are checked, all at once."""
    for label, scopes, days, paths in (
        ("", ["*"], 1, ["label"]),
        (" ", ["*"], 1, ["label"]),
        ("x" * 256, ["*"], 1, ["label"]),
        ("fine", [], 1, ["scopes"]),
        ("fine", ["*", "acount:read"], 1, ["scopes.1"]),
        ("", ["x"], -1, ["scopes.0", "label", "expiresAt"]),
    ):
        with pytest.raises(Invalid) as refused:
            await house.do(tokens.issue, ann, label, scopes, time.now + timedelta(days=days))
        assert [v.path for v in refused.value.violations] == paths


async def test_nobody_has_no_token(house: House) -> None:
    """The person must be there."""
    with pytest.raises(NotFound):
        await house.token(ids.new())


async def narrow(house: House, ann: UUID, time: Clock) -> tuple[IssuedToken, Actor]:
    """Make a token for reading that ends in a day, and act with it."""
    token = await house.token(ann, "*:read", expires_at=time.now + timedelta(days=1))
    return token, await house.bearer(token)


async def test_a_token_makes_no_wider_token(house: House, time: Clock, ann: UUID) -> None:
    """Not even one that is wider only on paper: its owner may get more rights."""
    _, actor = await narrow(house, ann, time)

    for scopes in (["*"], ["account:update"], ["account:*"], ["*:read", "zoo.feed"]):
        with pytest.raises(Forbidden, match="no wider token"):
            await house.do(actions.issue_token, "more", scopes, time.now + timedelta(hours=1), by=actor)


async def test_a_token_makes_none_that_lasts_longer(house: House, time: Clock, ann: UUID) -> None:
    """Its end is the end of those made with it."""
    _, actor = await narrow(house, ann, time)

    for expires_at in (None, time.now + timedelta(days=2)):
        with pytest.raises(Forbidden, match="ends then or before"):
            await house.do(actions.issue_token, "longer", ["account:read"], expires_at, by=actor)


async def test_a_token_makes_a_narrower_one_that_ends_with_it(house: House, time: Clock, ann: UUID) -> None:
    """Revoking the first revokes the second, and one made with that."""
    token, actor = await narrow(house, ann, time)
    second = await house.do(actions.issue_token, "narrower", ["account:read"], time.now + timedelta(hours=2), by=actor)
    third = await house.do(
        actions.issue_token, "deeper", ["account:read"], time.now + timedelta(hours=1), by=await house.bearer(second)
    )
    ended = await house.do(actions.revoke_token, token.id)

    assert ended.count == 3
    with pytest.raises(Unauthenticated):
        await house.bearer(third)


async def test_everybody_makes_and_revokes_their_own(house: House, ann: UUID) -> None:
    """It takes no permission."""
    actor = await house.actor(ann)
    token = await house.do(actions.issue_token, "mine", by=actor)

    assert (await house.do(actions.revoke_token, token.id, by=actor)).count == 1


async def test_a_token_may_end_itself(house: House, time: Clock, ann: UUID) -> None:
    """Whoever finds one that leaked can put it out with itself."""
    token, actor = await narrow(house, ann, time)

    assert (await house.do(actions.revoke_token, token.id, by=actor)).count == 1


async def test_a_limited_token_does_not_touch_its_owners_account(house: House, time: Clock, ann: UUID) -> None:
    """A token for reading neither sets the password, nor ends sign-ins, nor revokes other tokens."""
    _, actor = await narrow(house, ann, time)
    other = await house.token(ann)

    for call in (
        (actions.set_password, "a long sentence of mine"),
        (actions.end_sessions,),
        (actions.revoke_token, other.id),
    ):
        with pytest.raises(Forbidden):
            await house.do(*call, by=actor)


async def test_others_tokens_are_none_of_ones_business(house: House, ann: UUID) -> None:
    """Without access.manage a foreign token is as good as none."""
    token = await house.token(ann)
    bob = await house.actor(await house.user("Bob", "keeper"))

    with pytest.raises(NotFound):
        await house.do(actions.revoke_token, token.id, by=bob)
    with pytest.raises(Forbidden):
        await house.do(actions.issue_token, "theirs", user_id=ann, by=bob)


@pytest.fixture
async def helpdesk(house: House, ann: UUID) -> Actor:
    """Somebody who looks after accounts, and may do what Ann may."""
    await house.role("helpdesk", {"access.manage": "ALL"})
    return await house.actor(await house.user("Desk", "helpdesk", "keeper"))


async def test_a_manager_of_access_looks_after_others(house: House, ann: UUID, helpdesk: Actor) -> None:
    """Tokens, passwords and sign-ins of people who may do no more."""
    token = await house.do(actions.issue_token, "theirs", user_id=ann, by=helpdesk)
    await house.do(actions.end_sessions, ann, by=helpdesk)

    assert (await house.do(actions.revoke_token, token.id, by=helpdesk)).count == 1


async def test_a_manager_of_access_does_not_become_administrator(house: House, helpdesk: Actor) -> None:
    """Setting an administrator's password, or acting in their name, would give more than one has."""
    await house.role("admin", everything=True)
    root = await house.user("Root", "admin")

    for call in ((actions.set_password, "a long sentence of mine", root), (actions.issue_token, "x", None, None, root)):
        with pytest.raises(Forbidden, match="may do more than you"):
            await house.do(*call, by=helpdesk)


async def test_ones_own_password_takes_the_present_one(house: House, quick_passwords: None, ann: UUID) -> None:
    """Who finds an unlocked screen cannot take the account over."""
    await house.do(accounts.set_password, ann, PASSWORD)
    actor = await house.actor(ann)

    for present in (None, "wrong"):
        with pytest.raises(Invalid, match="not your password"):
            await house.do(actions.set_password, "a long sentence of mine", None, present, by=actor)
    assert await house.do(actions.set_password, "a long sentence of mine", None, PASSWORD, by=actor)


async def test_a_first_password_takes_none(house: House, quick_passwords: None, ann: UUID) -> None:
    """Somebody who came in with a token sets one."""
    assert await house.do(actions.set_password, PASSWORD, by=await house.actor(ann))


async def test_tokens_are_listed_without_their_secrets(house: House, time: Clock, ann: UUID) -> None:
    """One sees what one has, the newest first, and cannot use it."""
    first, second = await house.token(ann, "*:read"), await house.token(ann)
    await tokens.revoke(house.database, ids.parse(first.id, "token"))
    listed = await known_tokens(house.database, house.entities, await house.actor(ann))

    assert [(t.id, t.scopes, t.revoked_at) for t in listed] == [
        (second.id, ["*"], None),
        (first.id, ["*:read"], time.now),
    ]
    assert not any(str(t.secret) in str(listed) for t in (first, second))


async def test_others_tokens_are_not_listed(house: House, ann: UUID, helpdesk: Actor) -> None:
    """Unless one looks after them."""
    await house.token(ann)
    bob = await house.actor(await house.user("Bob", "keeper"))

    assert len(await known_tokens(house.database, house.entities, helpdesk, ann)) == 1
    with pytest.raises(Forbidden):
        await known_tokens(house.database, house.entities, bob, ann)
