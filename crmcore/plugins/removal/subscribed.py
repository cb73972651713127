"""Webhook endpoints that want to be told of what cannot happen any more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmcore.database import Database
from crmcore.webhooks.endpoint import wants

__all__ = ["Subscribed"]

_ENDPOINTS = "select id, event_types from crm_webhook_endpoint order by id"
_FEWER = "update crm_webhook_endpoint set event_types = $2, version = version + 1 where id = $1"
_NONE = (
    "update crm_webhook_endpoint set event_types = $2, enabled = $3, disabled_reason = $4, version = version + 1 "
    "where id = $1"
)
_REASON = "The plugin whose events it was told of was uninstalled."


@dataclass(frozen=True)
class Subscribed:
    """Event types in endpoints; one that is left with none is switched off,.

    Attributes:

        gone: keys that end with the plugin.
        known: all keys.
    """

    gone: frozenset[str]
    known: frozenset[str]
    what: str = "webhook endpoints that name its events"

    async def count(self, database: Database) -> int:
        """See `Trace`."""
        return len(await self._left(database))

    async def remove(self, database: Database) -> None:
        """See `Trace`."""
        for id, left in (await self._left(database)).items():
            if left:
                await database.execute(_FEWER, id, json.dumps(left))
            else:
                await database.execute(_NONE, id, "[]", False, _REASON)

    async def _left(self, database: Database) -> Mapping[Any, list[str]]:
        found = {}
        for id, text in await database.fetch(_ENDPOINTS):
            patterns = json.loads(text)
            left = [pattern for pattern in patterns if not self._only_of_it(pattern)]
            if left != patterns:
                found[id] = left
        return found

    def _only_of_it(self, pattern: str) -> bool:
        meant = {key for key in self.known if wants([pattern], key)}
        return bool(meant) and meant <= self.gone
