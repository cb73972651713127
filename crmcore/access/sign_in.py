"""Signing in with a password or a token, and signing out.

Whoever tries learns only that it did not work: an unknown e-mail, a wrong password, a person without a password and one
who was deactivated get the same answer after the same work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast
from uuid import UUID

from crmcore import clock
from crmcore.access import passwords, sessions, throttle, tokens
from crmcore.access.actor import Actor
from crmcore.access.people import normal_email
from crmcore.access.settings import AccessSettings
from crmcore.database import Database, ids
from crmcore.errors import Unauthenticated

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["SignedIn", "sign_in", "sign_in_with_token", "sign_out"]

_CREDENTIAL = """
    select u.id, c.password_hash from crm_user u join crm_credential c on c.user_id = u.id
    where u.email = $1 and u.is_active and u.deleted_at is null
"""


@dataclass(frozen=True)
class SignedIn:
    """A new session.

    Attributes:

        secret: value of the cookie `crm_session`; shown this once.
        actor: who signed in.
        expires_at: when the session ends at the latest, aware UTC.
    """

    secret: str
    actor: Actor
    expires_at: datetime


async def sign_in(crm: Crm, email: str, password: str, address: str | None, *, previous: str | None = None) -> SignedIn:
    """Sign in with e-mail and password.

    Args:

        crm: the CRM.
        email: in any case.
        password: as typed.
        address: the client's network address, for throttling; None where there is none.
        previous: the session cookie the browser sent along, if any; that session ends.

    Raises:

        RateLimited: too many failures of this account or address.
        Unauthenticated: anything else that speaks against it; which is not said.
    """
    counters = throttle.counters(email, address)
    await throttle.admit(crm.database, counters)
    rows = await crm.database.fetch(_CREDENTIAL, normal_email(email))
    user_id, kept = rows[0] if rows else (None, passwords.NOBODYS)
    if not await passwords.verify(kept, password) or user_id is None:
        msg = "E-mail and password do not match an active account. Check both, or ask an administrator for a new password."
        raise Unauthenticated(msg)
    await throttle.forgive(crm.database, counters)
    if passwords.is_outdated(kept):
        await _rehash(crm.database, user_id, kept, password)
    return await _begin(crm, user_id, None, previous)


async def sign_in_with_token(crm: Crm, token: str, address: str | None, *, previous: str | None = None) -> SignedIn:
    """Sign in with a token; the session has the token's rights and ends with it at the latest.

    Raises:

        RateLimited: too many failures of this address.
        Unauthenticated: the token does not count.
    """
    counters = throttle.counters(None, address)
    await throttle.admit(crm.database, counters)
    actor = await tokens.resolve(crm.database, crm.actors, token.strip())
    await throttle.forgive(crm.database, counters)
    return await _begin(crm, cast("UUID", actor.user_id), ids.parse(cast("str", actor.id), "token"), previous)


async def sign_out(crm: Crm, secret: str) -> None:
    """End a session; it is fine if there is none."""
    await sessions.end(crm.database, secret)


async def _begin(crm: Crm, user_id: UUID, token_id: UUID | None, previous: str | None) -> SignedIn:
    settings = crm.settings[AccessSettings]
    if previous:
        await sessions.end(crm.database, previous)
    begun = await sessions.begin(crm.database, settings, user_id, token_id)
    actor = await sessions.resolve(crm.database, crm.actors, settings, begun.secret)
    return SignedIn(begun.secret, actor, begun.expires_at)


async def _rehash(database: Database, user_id: UUID, old: str, password: str) -> None:
    # Only if the hash is still the one that was checked: a new password set meanwhile stays.
    sql = "update crm_credential set password_hash = $3, changed_at = $4 where user_id = $1 and password_hash = $2"
    await database.execute(sql, user_id, old, await passwords.hashed(password), clock.now())
