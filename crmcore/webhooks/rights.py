"""With whose rights an endpoint sees events; nobody sees more through one than by himself."""

from __future__ import annotations

from typing import Any

from crmcore.access import held
from crmcore.access.actor import Access, Actor, Effect, Scope
from crmcore.access.rights import combined
from crmcore.access.tokens import scopes_of
from crmcore.database import ids
from crmcore.entities.change import Change
from crmcore.entities.work import Work
from crmcore.errors import Forbidden
from crmcore.webhooks.endpoint import Endpoint, actor_of
from crmcore.webhooks.running import Running

__all__ = ["keep_rights", "require_sight", "settle_rights"]

_RIGHTS = ("user_id", "role_id", "scopes")


async def require_sight(work: Work, running: Running, endpoint: Any) -> None:
    """Demand that whoever changes an endpoint sees all that it sees.

    Raises:

        Forbidden: messages could be led where the actor reads what he may not.
    """
    theirs = Endpoint.of({**endpoint, "deleted_at": None})
    if theirs.user_id is not None and work.actor.user_id == theirs.user_id and not _by_token(work.actor):
        return
    seen = (await actor_of(work.database, running.crm.actors, theirs)).access
    if not _sees_all_of(work.actor.access, seen):
        msg = (
            f"{theirs.shown_id} is told of what you may not see yourself; "
            "you can switch it off or delete it, everything else is for those who may."
        )
        raise Forbidden(msg)


def _sees_all_of(actor: Access, seen: Access) -> bool:
    if actor.everything or seen.everything:
        return actor.everything
    # Two people with a scope narrower than ALL reach different rows.
    reached = [name for name, scope in seen.scopes.items() if name.endswith(":read") and scope is not Scope.NONE]
    rows = all(actor.scopes.get(name) is Scope.ALL for name in reached)
    kept_back = [(key, effect) for key, effect in actor.effects.items() if effect >= Effect.MASKED]
    return rows and all(seen.effects.get(key, 0) >= effect for key, effect in kept_back)


async def settle_rights(work: Work, change: Change) -> None:
    """Settle with whose rights a new endpoint sees: its maker's, as far as their token reaches, or a role's."""
    actor, token = work.actor, _by_token(work.actor)
    if token or not actor.access.everything:
        # An import is made with somebody's rights too, and may name columns that are the server's to keep.
        change.values["scopes"] = await scopes_of(work.database, ids.parse(str(actor.id), "token")) if token else None
        change.values["user_id"] = None
    if (role_id := change.get("role_id")) is not None:
        role = await held.role(work.database, role_id)
        if role is not None and not _sees_all_of(actor.access, combined(work.entities, [role])):
            change.refuse("role_id", "MORE_THAN_YOURS", f"The role {role.name} sees what you may not; choose another.")
    elif change.get("user_id") is None:
        change.values["user_id"] = actor.user_id
        if actor.user_id is None:
            message = "Say with which role's rights events are seen: nobody in person makes this."
            change.refuse("role_id", "REQUIRED", message)


def keep_rights(work: Work, change: Change) -> None:
    """Refuse to change them later, to all but those who may do everything."""
    for column in _RIGHTS:
        if change.changed(column) and not work.actor.access.everything:
            change.refuse(column, "READ_ONLY", "With whose rights an endpoint sees is settled when it is made.")


def _by_token(actor: Actor) -> bool:
    # Not by its type: an import made with a token is one with that token's limits.
    return str(actor.id).startswith("token_")
