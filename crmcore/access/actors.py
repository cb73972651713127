"""Compiled rights of people, kept as long as nothing that decides them has changed.

Every request reads the revision (see `state.py`) in the statement that looks up its token or session. What is kept here
was compiled at a revision and counts for that one only, so a change to roles, teams or people takes effect with the next
request of every process, without a time to live and without messages between processes. Whether the token, session or
person still counts is not kept at all: that statement asks each time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crmcore.access import held
from crmcore.access.actor import Access, Actor
from crmcore.access.bound import reach_of
from crmcore.access.lookups import Lookups
from crmcore.access.narrowing import EVERY_RIGHT, narrowed
from crmcore.access.rights import combined
from crmcore.access.standing import Known
from crmcore.access.usage import Usage
from crmcore.cache import Cache
from crmcore.database import Database
from crmcore.entities.registry import Entities

__all__ = ["Actors", "Rights"]


@dataclass(frozen=True)
class Rights:
    """What a person may do, and with which teams, at one revision."""

    revision: int
    access: Access
    team_ids: tuple[UUID, ...]


class Actors:
    """The rights of those who acted of late; one for each CRM.

    Args:

        entities: all entities.
        permissions: names of all permissions that are not about rows.
        size: rights kept; the least recently used go first.

    Attributes:

        usage: notes when tokens and sessions are used.
        known: tokens that were looked up, by digest; they count only once a statement confirms that they still do.
    """

    def __init__(self, entities: Entities, permissions: Iterable[str], size: int = 1024) -> None:
        self.entities = entities
        self.permissions = frozenset(permissions)
        self.usage = Usage()
        self.known: Cache[str, Known] = Cache(size)
        self._size = size
        self._kept: OrderedDict[tuple[UUID, tuple[str, ...]], Rights] = OrderedDict()
        self._lookups: dict[str, Lookups] = {}

    async def look_up(self, database: Database, sql: str, digest: str) -> tuple[Any, ...] | None:
        """Return the row of a token or session, as it is now; see `Lookups`.

        Raises:

            Unavailable: the database cannot answer now.
        """
        lookups = self._lookups.get(sql)
        if lookups is None:
            lookups = self._lookups[sql] = Lookups(sql)
        return await lookups.find(database, digest)

    def reach(self, database: Database, actor: Actor, entity: str, action: str) -> Hashable:
        """Return what is equal for actors who reach the same rows of an entity by an action, whatever else they may do.

        For who asks the database once for several of them.
        """
        return reach_of(self.entities, database.dialect, actor, entity, action)

    async def rights(
        self, database: Database, user_id: UUID, revision: int, scopes: tuple[str, ...] = (EVERY_RIGHT,)
    ) -> Rights:
        """Return a person's rights at a revision, narrowed by a token's scopes."""
        key = (user_id, scopes)
        kept = self._kept.get(key)
        if kept is None or kept.revision != revision:
            kept = await self._compiled(database, user_id, revision, scopes)
            self._kept[key] = kept
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return kept

    async def _compiled(self, database: Database, user_id: UUID, revision: int, scopes: tuple[str, ...]) -> Rights:
        # These statements run after the one that read the revision, so they see that revision or a later one.
        access = combined(self.entities, await held.roles(database, user_id))
        access = narrowed(access, scopes, self.entities, self.permissions)
        return Rights(revision, access, await held.teams(database, user_id))
