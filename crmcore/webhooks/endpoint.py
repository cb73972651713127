"""An endpoint as dispatcher and deliveries see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore.access import held
from crmcore.access.actor import NOTHING, Access, Actor, ActorType
from crmcore.access.actors import Actors
from crmcore.access.narrowing import EVERY_RIGHT, narrowed
from crmcore.access.rights import combined
from crmcore.database import Database, ids

__all__ = ["Endpoint", "actor_of", "wants"]

_WHO = (
    "select g.revision, u.name, u.timezone from crm_access_state g "
    "left join crm_user u on u.id = $1 and u.is_active and u.deleted_at is null"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is declared of an endpoint; see `WebhookEndpoint`."""

    id: UUID
    url: str
    event_types: tuple[str, ...]
    filter: Mapping[str, Any]
    enabled: bool
    ordered: bool
    at_once: int
    user_id: UUID | None
    role_id: UUID | None
    scopes: tuple[str, ...]
    failing_since: datetime | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Endpoint:
        """Make it of a row of Python values by column."""
        return cls(
            row["id"],
            row["url"],
            tuple(row["event_types"]),
            row["filter"] or {},
            bool(row["enabled"]) and row["deleted_at"] is None,
            bool(row["ordered"]),
            row["at_once"],
            row["user_id"],
            row["role_id"],
            tuple(row["scopes"] or (EVERY_RIGHT,)),
            row["failing_since"],
        )

    @property
    def shown_id(self) -> str:
        """The id as clients see it."""
        return ids.encode("webhook_endpoint", self.id)


def wants(patterns: Iterable[str], key: str) -> bool:
    """Say whether an event type is among those an endpoint is told of: `*`, `deal.*` or the key itself."""
    return any(p in ("*", key) or (p.endswith(".*") and key.startswith(p[:-1])) for p in patterns)


async def actor_of(database: Database, actors: Actors, endpoint: Endpoint) -> Actor:
    """Return with whose rights an endpoint sees events, as they are now; somebody who left has none."""
    ((revision, name, timezone),) = await database.fetch(_WHO, endpoint.user_id)
    label, shown = f"webhook for {name or 'a role'}", endpoint.shown_id
    if endpoint.role_id is not None:
        access = await _role_access(database, actors, endpoint.role_id, endpoint.scopes)
        return Actor(ActorType.PLUGIN, shown, label, access=access)
    if endpoint.user_id is None or name is None:
        return Actor(ActorType.PLUGIN, shown, label)
    rights = await actors.rights(database, endpoint.user_id, revision, endpoint.scopes)
    return Actor(ActorType.PLUGIN, shown, label, endpoint.user_id, rights.team_ids, rights.access, timezone)


async def _role_access(database: Database, actors: Actors, role_id: UUID, scopes: tuple[str, ...]) -> Access:
    live = await database.fetch_value("select 1 from crm_role where id = $1 and deleted_at is null", role_id)
    role = await held.role(database, role_id) if live else None
    if role is None:
        return NOTHING
    return narrowed(combined(actors.entities, [role]), scopes, actors.entities, actors.permissions)
