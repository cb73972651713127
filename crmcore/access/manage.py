"""Who may look after whose passwords, tokens and sign-ins.

Everybody looks after their own; `access.manage` lets one look after those of people who may do no more than oneself,
since whoever sets somebody's password, or acts with their token, may do what they may.
"""

from __future__ import annotations

from uuid import UUID

from crmcore.access.accounts import load_actor
from crmcore.access.actor import Actor, ActorType
from crmcore.access.narrowing import lets_through
from crmcore.access.rights import covers
from crmcore.access.tokens import scopes_of
from crmcore.database import Database, ids
from crmcore.entities.registry import Entities
from crmcore.errors import Forbidden

__all__ = ["MANAGE", "check_manages"]

#: The permission to look after other people's passwords, tokens and sign-ins.
MANAGE = "access.manage"


async def check_manages(database: Database, entities: Entities, actor: Actor, owner: UUID) -> None:
    """Demand that an actor may look after a person's passwords, tokens and sign-ins.

    Raises:

        Forbidden: it is somebody else, and the actor lacks `access.manage` or may do less than that person; or the
            actor is a token that is limited to something else.
        NotFound: there is no such person.
    """
    if owner == actor.user_id:
        if actor.type is ActorType.TOKEN and not await _token_manages(database, actor):
            msg = f"The token you use is limited to other things; sign in, or use one with the scope {MANAGE}."
            raise Forbidden(msg)
        return
    if not actor.access.may(MANAGE):
        msg = f"{actor.label} lacks the permission {MANAGE}; you can look after your own account only."
        raise Forbidden(msg)
    other = await load_actor(database, entities, owner)
    if not covers(actor.access, other.access):
        msg = f"{other.label} may do more than you; ask somebody who may do as much."
        raise Forbidden(msg)


async def _token_manages(database: Database, actor: Actor) -> bool:
    return lets_through(await scopes_of(database, ids.parse(str(actor.id), "token")), MANAGE)
