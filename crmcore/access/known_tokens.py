"""The tokens a person has, as far as they may be shown: never their secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.access.manage import check_manages
from crmcore.database import Database, ids
from crmcore.entities.registry import Entities

__all__ = ["KnownToken", "known_tokens"]

_OF_USER = """
    select t.id, t.label, t.prefix, t.scopes, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
    from crm_token t where t.user_id = $1 order by t.id desc
"""


@dataclass(frozen=True)
class KnownToken:
    """A token that was issued."""

    id: Annotated[str, "Identifies the token, for revoking it."]
    label: Annotated[str, "What it is for."]
    prefix: Annotated[str, "How it starts; enough to recognise it, not to use it."]
    scopes: Annotated[list[str], "What it is limited to; * is all its owner may do."]
    created_at: Annotated[datetime, "When it was made."]
    expires_at: Annotated[datetime | None, "When it ends by itself; never if null."]
    revoked_at: Annotated[datetime | None, "When it was ended."]
    last_used_at: Annotated[datetime | None, "When it was last used, to the minute."]


async def known_tokens(
    database: Database, entities: Entities, actor: Actor, user_id: UUID | None = None
) -> list[KnownToken]:
    """Return a person's tokens, the newest first.

    Args:

        database: where.
        entities: all entities.
        actor: who asks.
        user_id: whose; the actor's own if None.

    Raises:

        Forbidden: they are somebody else's, and the actor may not look after them.
        NotFound: there is no such person.
    """
    owner = user_id or actor.user_id
    if owner is None:
        return []
    await check_manages(database, entities, actor, owner)
    rows = await database.fetch(_OF_USER, owner)
    return [_known(*row) for row in rows]


def _known(token_id: UUID, label: str, prefix: str, scopes: str, *instants: Any) -> KnownToken:
    created_at, expires_at, revoked_at, last_used_at = instants
    shown = ids.encode("token", token_id)
    return KnownToken(shown, label, prefix, json.loads(scopes), created_at, expires_at, revoked_at, last_used_at)
