"""Who does something, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import cached_property
from hashlib import blake2b
from types import MappingProxyType
from uuid import UUID

import msgspec

__all__ = ["ACTIONS", "EVERYTHING", "NOTHING", "Access", "Actor", "ActorType", "Effect", "Scope"]

#: What can be permitted on an entity, as in the permission `customer:read`.
#: Restoring needs `delete`; exporting needs `export` and shows what `read` shows.
ACTIONS = ("read", "create", "update", "delete", "destroy", "export")


class Scope(IntEnum):
    """Which rows a permission reaches; greater is wider."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


class Effect(IntEnum):
    """What a field rule does; greater is stricter. Each includes those below it."""

    READ_ONLY = 1
    MASKED = 2
    HIDDEN = 3


class ActorType(StrEnum):
    """Through which door somebody acts."""

    USER = "USER"
    TOKEN = "TOKEN"  # noqa: S105 - the name of a door
    IMPORT = "IMPORT"
    PLUGIN = "PLUGIN"
    JOB = "JOB"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True)
class Access:
    """What an actor may do, compiled from roles and, for tokens, narrowed by the token's scopes.

    Attributes:

        everything: all rights on everything (the system itself and roles marked so).
        scopes: `"customer:read"` to the rows it reaches; what is absent is NONE.
        effects: `(entity, field)` to the field rule that applies; field in GraphQL spelling.
        permissions: permissions that are not about an entity's rows (`"loyalty.award"`, `"access.manage"`).
        roles: keys of the roles it was compiled from; they permit nothing by themselves, and plans do not depend on them.
        purpose: what the actor said they read for, as the plugin that knows purposes calls it; None where nobody said.
        unnarrowed: whether even the conditions that plugins put on rows do not hold; for the CRM itself.
    """

    everything: bool = False
    scopes: Mapping[str, Scope] = field(default_factory=lambda: MappingProxyType({}))
    effects: Mapping[tuple[str, str], Effect] = field(default_factory=lambda: MappingProxyType({}))
    permissions: frozenset[str] = frozenset()
    roles: frozenset[str] = field(default=frozenset(), compare=False)
    purpose: str | None = None
    unnarrowed: bool = False

    def scope(self, entity: str, action: str) -> Scope:
        """Return which rows of an entity an action reaches."""
        return Scope.ALL if self.everything else self.scopes.get(f"{entity}:{action}", Scope.NONE)

    def effect(self, entity: str, field_name: str) -> Effect | None:
        """Return the rule on a field (GraphQL spelling), None when it is free."""
        return self.effects.get((entity, field_name))

    def may(self, permission: str) -> bool:
        """Say whether a permission that is not about rows is held."""
        return self.everything or permission in self.permissions

    @cached_property
    def key(self) -> str:
        """A digest of all that decides what an actor may do: equal keys get equal plans."""
        parts = [str(self.everything), *sorted(f"{k}={v}" for k, v in self.scopes.items())]
        parts += sorted(f"{e}.{f}={v}" for (e, f), v in self.effects.items())
        parts += sorted(self.permissions)
        parts += [f"purpose={self.purpose}", f"unnarrowed={self.unnarrowed}"]
        return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


EVERYTHING = Access(everything=True)
NOTHING = Access()
_ITSELF = Access(everything=True, unnarrowed=True)


class Stamp(dict[str, str | None]):
    """`{"type", "id", "label"}` of who did something; not to be changed."""

    @cached_property
    def text(self) -> str:
        """It as JSON, as it is stored: every row and event of a unit of work has it."""
        return msgspec.json.encode(self).decode()


@dataclass(frozen=True)
class Actor:
    """Who acts. Every change records `stamp`.

    Attributes:

        type: the door.
        id: id of the user, token, import, plugin or job, as clients see ids; None for the system.
        label: a name for people.
        user_id: the user behind it, whom scope OWN is about; None if there is none.
        team_ids: the user's teams, whom scope TEAM is about.
        access: what they may do.
        timezone: IANA name of the zone the user lives by, None if unknown.
    """

    type: ActorType
    id: str | None
    label: str
    user_id: UUID | None = None
    team_ids: tuple[UUID, ...] = ()
    access: Access = NOTHING
    timezone: str | None = None

    @classmethod
    def system(cls, label: str = "crmcore") -> Actor:
        """The CRM itself, with every right: migrations, seeds, the command line on the server."""
        return cls(ActorType.SYSTEM, None, label, access=_ITSELF)

    @cached_property
    def stamp(self) -> Stamp:
        """What `createdBy` and events record."""
        return Stamp(type=self.type.value, id=self.id, label=self.label)
