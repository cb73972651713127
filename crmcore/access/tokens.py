"""Tokens: keys that programs act with in a person's name, limited by scopes and by time.

A token made with a token is no wider and lasts no longer than that one, and ends with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Annotated
from uuid import UUID

from crmcore import clock
from crmcore.access import secret
from crmcore.access.actor import Actor, ActorType
from crmcore.access.actors import Actors
from crmcore.access.narrowing import EVERY_RIGHT, lets_through, scope_violations
from crmcore.access.standing import PROOF, Known, Standing
from crmcore.database import Database, ids
from crmcore.entities.work import Work
from crmcore.errors import Forbidden, Invalid, NotFound, Unauthenticated, Violation

__all__ = [
    "MARK",
    "IssuedToken",
    "issue",
    "recall",
    "resolve",
    "revoke",
    "revoke_all",
    "scopes_in",
    "scopes_of",
    "used",
]

#: How every token starts, so that scanners of source code can find one that leaked.
MARK = "crm_"

_LOOK_UP = f"""
    select t.id, t.label, t.scopes, t.expires_at, t.last_used_at, u.id, u.name, u.timezone, g.revision, {PROOF}, t.digest
    from crm_token t
    join crm_user u on u.id = t.user_id
    cross join crm_access_state g
    where t.digest {{keys}} and t.revoked_at is null and u.is_active and u.deleted_at is null
"""

_WITH_DESCENDANTS = """
    with recursive ended(id) as (
        select $1{cast} union select t.id from crm_token t join ended on t.issuer_id = ended.id)
    select id from ended
"""


@dataclass(frozen=True)
class IssuedToken:
    """A token that was just made."""

    id: Annotated[str, "Identifies the token, for revoking it."]
    secret: Annotated[str | None, "What goes into the header, `Authorization: Bearer <secret>`; shown this once."] = (
        field(metadata={"secret": True})
    )
    label: Annotated[str, "What it is for."]
    scopes: Annotated[list[str], "What it is limited to."]
    expires_at: Annotated[datetime | None, "When it ends by itself; never if null."]


async def issue(
    work: Work,
    user_id: UUID,
    label: str,
    scopes: Collection[str] = (EVERY_RIGHT,),
    expires_at: datetime | None = None,
) -> IssuedToken:
    """Make a token that acts in a person's name.

    Whether the actor may do so in that person's name is the caller's to decide (see `actions.issue_token`); that a
    token makes no wider token is decided here.

    Raises:

        NotFound: there is no such live person.
        Invalid: a scope names nothing, the label is empty, or the end has passed.
        Forbidden: the actor is a token and the new one would be wider or last longer.
    """
    if not await work.find("user", id=user_id):
        msg = f"There is no user {ids.encode('user', user_id)}."
        raise NotFound(msg)
    wanted = list(dict.fromkeys(scopes))
    _check(work, label, wanted, expires_at)
    issuer_id = await _check_issuer(work, wanted, expires_at)
    made = f"{MARK}{secret.new()}"
    token_id = ids.new()
    await work.database.execute(
        "insert into crm_token (id, user_id, issuer_id, label, prefix, digest, scopes, created_at, expires_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        token_id,
        user_id,
        issuer_id,
        label.strip(),
        made[: len(MARK) + 6],
        secret.digest(made),
        json.dumps(wanted),
        work.now,
        expires_at,
    )
    return IssuedToken(ids.encode("token", token_id), made, label.strip(), wanted, expires_at)


@lru_cache(256)
def scopes_in(text: str) -> tuple[str, ...]:
    """Read what a token's row says that it is limited to."""
    return tuple(json.loads(text))


async def revoke(database: Database, id: UUID) -> int:
    """End a token and all that were made with it, from the next request on; return how many ended."""
    cast = "::uuid" if database.dialect == "postgresql" else ""
    sql = f"update crm_token set revoked_at = $2 where revoked_at is null and id in ({_WITH_DESCENDANTS.format(cast=cast)})"
    return await database.execute(sql, id, clock.now())


async def revoke_all(database: Database, user_id: UUID) -> None:
    """End all tokens of a person."""
    await database.execute(
        "update crm_token set revoked_at = $2 where user_id = $1 and revoked_at is null", user_id, clock.now()
    )


async def scopes_of(database: Database, id: UUID) -> list[str]:
    """Return what a token is limited to."""
    return list(json.loads(await database.fetch_value("select scopes from crm_token where id = $1", id)))


async def resolve(database: Database, actors: Actors, presented: str) -> Actor:
    """Return who acts with a token.

    Raises:

        Unauthenticated: there is no such token, it has ended, or its person is not active.
    """
    digest = secret.digest(presented)
    row = await actors.look_up(database, _LOOK_UP, digest) if presented.startswith(MARK) else None
    now = clock.now()
    if row is None or (row[3] is not None and now >= row[3]):
        msg = "This token does not count: it is unknown, expired or revoked. Make a new one with `crm token issue`."
        raise Unauthenticated(msg)
    token_id, label, scopes, expires_at, last_used_at, user_id, name, timezone, revision, proof, _ = row
    actors.usage.note(database, "crm_token", token_id, last_used_at, now)
    rights = await actors.rights(database, user_id, revision, scopes_in(scopes))
    shown = ids.encode("token", token_id)
    actor = Actor(ActorType.TOKEN, shown, f"{name} ({label})", user_id, rights.team_ids, rights.access, timezone)
    actors.known.put(digest, Known(actor, proof, token_id, expires_at, last_used_at))
    return actor


def recall(actors: Actors, digest: str) -> Standing | None:
    """Return who acted before with the token of a digest, for a statement to confirm; None if nobody did, or it has expired."""
    known = actors.known.get(digest)
    if known is None or (known.expires_at is not None and clock.now() >= known.expires_at):
        return None
    return Standing(known, digest)


def used(database: Database, actors: Actors, standing: Standing) -> None:
    """Note the use of a token that was recalled, and confirmed."""
    known, now = standing.known, clock.now()
    if actors.usage.note(database, "crm_token", known.token_id, known.last_used_at, now):
        known.last_used_at = now


def _check(work: Work, label: str, scopes: list[str], expires_at: datetime | None) -> None:
    violations = scope_violations(scopes, work.entities, work.registries.keys("permissions"))
    if not 0 < len(label.strip()) <= 255:
        violations.append(Violation("label", "REQUIRED", "Say in 1 to 255 characters what the token is for."))
    if expires_at is not None and expires_at <= work.now:
        violations.append(Violation("expiresAt", "PAST", "The token would have ended already; give a later instant."))
    if violations:
        raise Invalid.of(violations)


async def _check_issuer(work: Work, scopes: list[str], expires_at: datetime | None) -> UUID | None:
    if work.actor.type is not ActorType.TOKEN or work.actor.id is None:
        return None
    issuer_id = ids.parse(work.actor.id, "token")
    held = await scopes_of(work.database, issuer_id)
    held_until = await work.database.fetch_value("select expires_at from crm_token where id = $1", issuer_id)
    if wider := [scope for scope in scopes if not lets_through(held, scope)]:
        msg = f"The token you use lacks {', '.join(wider)}; a token makes no wider token. Sign in to make one."
        raise Forbidden(msg)
    if held_until is not None and (expires_at is None or expires_at > held_until):
        msg = f"The token you use ends {held_until:%Y-%m-%d %H:%M} UTC; one made with it ends then or before."
        raise Forbidden(msg)
    return issuer_id
