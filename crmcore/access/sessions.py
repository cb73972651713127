"""Sign-ins in a browser: begun, looked up with each request, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import clock
from crmcore.access import secret
from crmcore.access.actor import Actor, ActorType
from crmcore.access.actors import Actors
from crmcore.access.settings import AccessSettings
from crmcore.access.tokens import scopes_in
from crmcore.database import Database, ids
from crmcore.errors import Unauthenticated

__all__ = ["COOKIE", "Begun", "begin", "end", "end_all", "resolve"]

#: Name of the cookie that holds a session's secret.
COOKIE = "crm_session"

_LOOK_UP = """
    select s.id, s.seen_at, s.expires_at, u.id, u.name, u.timezone, g.revision,
           t.id, t.label, t.scopes, t.expires_at, t.revoked_at, s.digest
    from crm_session s
    join crm_user u on u.id = s.user_id
    left join crm_token t on t.id = s.token_id
    cross join crm_access_state g
    where s.digest {keys} and u.is_active and u.deleted_at is null
"""

_ENDED = "You are no longer signed in; sign in again at /sign-in."


@dataclass(frozen=True)
class Begun:
    """A new session: what the cookie holds, and when it ends at the latest."""

    secret: str
    expires_at: datetime


async def begin(database: Database, settings: AccessSettings, user_id: UUID, token_id: UUID | None = None) -> Begun:
    """Begin a session, always with a new secret, and sweep out those that are over.

    Args:

        database: where.
        settings: how long it may last.
        user_id: who signed in.
        token_id: the token they signed in with; its scopes and its end are the session's.
    """
    now, made = clock.now(), secret.new()
    begun = Begun(made, now + settings.absolute)
    await database.execute("delete from crm_session where expires_at < $1", now)
    await database.execute(
        "insert into crm_session (id, user_id, token_id, digest, created_at, seen_at, expires_at) "
        "values ($1, $2, $3, $4, $5, $5, $6)",
        ids.new(),
        user_id,
        token_id,
        secret.digest(made),
        now,
        begun.expires_at,
    )
    return begun


async def end(database: Database, presented: str) -> None:
    """End the session with this secret; none is fine."""
    await database.execute("delete from crm_session where digest = $1", secret.digest(presented))


async def end_all(database: Database, user_id: UUID) -> None:
    """End all sessions of a person."""
    await database.execute("delete from crm_session where user_id = $1", user_id)


async def resolve(database: Database, actors: Actors, settings: AccessSettings, presented: str) -> Actor:
    """Return who acts with a session.

    Raises:

        Unauthenticated: there is no such session, it is over, or its person or token no longer counts.
    """
    row = await actors.look_up(database, _LOOK_UP, secret.digest(presented))
    now = clock.now()
    if row is None or not _is_live(row, settings, now):
        raise Unauthenticated(_ENDED)
    session_id, seen_at, _, user_id, name, timezone, revision, token_id, label, scopes, _, _, _ = row
    actors.usage.note(database, "crm_session", session_id, seen_at, now)
    if token_id is None:
        rights = await actors.rights(database, user_id, revision)
        shown = ids.encode("user", user_id)
        return Actor(ActorType.USER, shown, name, user_id, rights.team_ids, rights.access, timezone)
    rights = await actors.rights(database, user_id, revision, scopes_in(scopes))
    shown = ids.encode("token", token_id)
    return Actor(ActorType.TOKEN, shown, f"{name} ({label})", user_id, rights.team_ids, rights.access, timezone)


def _is_live(row: tuple[Any, ...], settings: AccessSettings, now: datetime) -> bool:
    seen_at, expires_at, token_id, token_expires_at, token_revoked_at = row[1], row[2], row[7], row[10], row[11]
    if now >= expires_at or now - seen_at >= settings.idle:
        return False
    return token_id is None or (token_revoked_at is None and (token_expires_at is None or now < token_expires_at))
