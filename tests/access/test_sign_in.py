"""Signing in: one answer for all that is wrong, a new session for what is right."""

from __future__ import annotations

import argon2
import pytest

from crmcore.access import accounts, passwords, sign_in, tokens
from crmcore.access.actor import ActorType
from crmcore.access.authenticate import authenticate
from crmcore.database import ids
from crmcore.entities import actions
from crmcore.errors import RateLimited, Unauthenticated
from tests.access.conftest import PASSWORD, Clock, House

pytestmark = pytest.mark.usefixtures("quick_passwords")

EMAIL = "ann@example.com"


@pytest.fixture
async def ann(house: House) -> str:
    """Ann's id; she has a password."""
    return str(await house.user("Ann", email=EMAIL, password=PASSWORD))


async def enter(house: House, email: str = EMAIL, password: str = PASSWORD, **more: str) -> sign_in.SignedIn:
    return await sign_in.sign_in(house, email, password, "192.0.2.7", **more)  # type: ignore[arg-type]


async def by_cookie(house: House, secret: str) -> str:
    return (await authenticate(house, None, secret)).label  # type: ignore[arg-type]


async def test_the_right_password_begins_a_session(house: House, ann: str) -> None:
    """The session's secret then says who acts."""
    begun = await enter(house)

    assert await by_cookie(house, begun.secret) == "Ann"


async def test_case_of_the_email_does_not_matter(house: House, ann: str) -> None:
    """People type their address as they like."""
    assert (await enter(house, " ANN@Example.COM ")).actor.label == "Ann"


async def failure(house: House, email: str, password: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await enter(house, email, password)
    return refused.value.message


async def test_whatever_is_wrong_the_answer_is_the_same(house: House, ann: str) -> None:
    """Nobody learns which addresses have accounts, which of them have passwords, and which are switched off."""
    await house.user("Tokens only", email="no-password@example.com")
    off = await house.user("Off", email="off@example.com", password=PASSWORD)
    await house.do(actions.update, "user", off, {"is_active": False})
    cases = [
        (EMAIL, "wrong"),
        ("nobody@example.com", PASSWORD),
        ("no-password@example.com", PASSWORD),
        ("off@example.com", PASSWORD),
    ]

    assert len({await failure(house, email, password) for email, password in cases}) == 1


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_a_password_is_checked_whether_or_not_there_is_an_account(
    house: House, ann: str, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work is the same, so the time it takes tells nothing."""
    checked = []
    verify = passwords.verify

    async def counting(kept: str, password: str) -> bool:
        checked.append(kept)
        return await verify(kept, password)

    monkeypatch.setattr(passwords, "verify", counting)
    await failure(house, email, "wrong")

    assert len(checked) == 1


async def test_guessing_is_slowed(house: House, ann: str) -> None:
    """After five wrong passwords even the right one has to wait."""
    for _ in range(5):
        await failure(house, EMAIL, "wrong")

    with pytest.raises(RateLimited):
        await enter(house)


async def test_an_account_that_does_not_exist_is_slowed_alike(house: House) -> None:
    """Waiting tells nothing either."""
    for _ in range(5):
        await failure(house, "nobody@example.com", "wrong")

    with pytest.raises(RateLimited):
        await enter(house, "nobody@example.com")


async def test_an_office_can_sign_in_all_day(house: House, ann: str) -> None:
    """Successes do not count against an address."""
    for _ in range(40):
        begun = await enter(house)

    assert begun.actor.label == "Ann"


async def test_signing_in_again_makes_a_new_secret_and_ends_the_old(house: House, ann: str) -> None:
    """A session somebody planted in a browser before sign-in is worth nothing afterwards."""
    before = await enter(house)
    await enter(house, previous=before.secret)

    with pytest.raises(Unauthenticated):
        await by_cookie(house, before.secret)


async def test_signing_out_ends_the_session(house: House, ann: str) -> None:
    """The secret does not count any more."""
    begun = await enter(house)
    await sign_in.sign_out(house, begun.secret)  # type: ignore[arg-type]

    with pytest.raises(Unauthenticated):
        await by_cookie(house, begun.secret)


async def test_an_outdated_hash_is_renewed(house: House, ann: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """When parameters are raised, people's hashes follow as they sign in."""
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    await enter(house)
    kept = await house.database.fetch_value("select password_hash from crm_credential")

    assert (passwords.is_outdated(kept), await passwords.verify(kept, PASSWORD)) == (False, True)


async def test_a_session_rests_no_longer_than_allowed(house: House, ann: str, time: Clock) -> None:
    """Eight hours without use end it."""
    begun = await enter(house)
    time.wait(hours=7, minutes=59)
    await by_cookie(house, begun.secret)
    await house.actors.usage.settle()
    time.wait(hours=7, minutes=59)
    await by_cookie(house, begun.secret)
    await house.actors.usage.settle()
    time.wait(hours=8)

    with pytest.raises(Unauthenticated):
        await by_cookie(house, begun.secret)


async def test_a_session_lasts_no_longer_than_allowed(house: House, ann: str, time: Clock) -> None:
    """A week ends it, however much it is used."""
    begun = await enter(house)
    for _ in range(27):
        time.wait(hours=6)
        await by_cookie(house, begun.secret)
        await house.actors.usage.settle()
    time.wait(hours=6)

    with pytest.raises(Unauthenticated):
        await by_cookie(house, begun.secret)


async def test_sessions_that_are_over_are_swept_out(house: House, ann: str, time: Clock) -> None:
    """The table does not grow for ever."""
    await enter(house)
    time.wait(days=8)
    await enter(house)

    assert await house.database.fetch_value("select count(*) from crm_session") == 1


async def test_a_secret_is_not_kept(house: House, ann: str) -> None:
    """Who reads the table cannot take over a session."""
    begun = await enter(house)

    assert begun.secret not in str(await house.database.fetch_dicts("select * from crm_session"))


async def test_a_new_password_ends_all_sessions(house: House, ann: str) -> None:
    """Whoever knew the old one is out."""
    begun = await enter(house)
    await house.do(accounts.set_password, begun.actor.user_id, "another sentence of mine")

    with pytest.raises(Unauthenticated):
        await by_cookie(house, begun.secret)


async def test_a_session_begun_with_a_token_is_the_tokens(house: House) -> None:
    """It has the token's rights, and changes made in it are stamped with the token."""
    await house.role("keeper", {"account:read": "ALL", "account:update": "ALL"})
    token = await house.token(await house.user("Ann", "keeper"), "account:read")
    begun = await sign_in.sign_in_with_token(house, token.secret, None)  # type: ignore[arg-type]
    actor = await authenticate(house, None, begun.secret)  # type: ignore[arg-type]

    assert (actor.type, actor.id, set(actor.access.scopes)) == (ActorType.TOKEN, token.id, {"account:read"})


async def test_a_session_begun_with_a_token_ends_with_it(house: House) -> None:
    """Revoking the token ends the session."""
    token = await house.token(await house.user("Ann"))
    begun = await sign_in.sign_in_with_token(house, token.secret, None)  # type: ignore[arg-type]
    await tokens.revoke(house.database, ids.parse(token.id, "token"))

    with pytest.raises(Unauthenticated):
        await by_cookie(house, begun.secret)


async def test_guessing_tokens_is_slowed(house: House) -> None:
    """An address that presents wrong tokens has to wait."""
    for _ in range(30):
        with pytest.raises(Unauthenticated):
            await sign_in.sign_in_with_token(house, "crm_wrong", "192.0.2.7")  # type: ignore[arg-type]

    with pytest.raises(RateLimited):
        await sign_in.sign_in_with_token(house, "crm_wrong", "192.0.2.7")  # type: ignore[arg-type]
