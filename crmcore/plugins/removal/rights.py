"""What roles hold of a plugin; who loses a right loses it with the commit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crmcore.access import state
from crmcore.database import Database
from crmcore.plugins.removal.trace import Rows

__all__ = ["Offered", "RightRows"]


class RightRows(Rows):
    """Rows that rights are made of: processes that run must read them again."""

    async def remove(self, database: Database) -> None:
        """See `Trace`."""
        if await self.count(database):
            await super().remove(database)
            await state.changed(database)


@dataclass(frozen=True)
class Offered:
    """The note that the default roles were given their rights once: if the plugin comes back they get them again.

    Attributes:

        names: the plugin's entities and permissions.
    """

    names: frozenset[str]
    what: str = "notes about default roles"

    async def count(self, database: Database) -> int:
        """See `Trace`."""
        return len(self.names & set(await _read(database)))

    async def remove(self, database: Database) -> None:
        """See `Trace`."""
        left = [name for name in await _read(database) if name not in self.names]
        await database.execute("update crm_access_state set offered = $2 where id = $1", state.ROW, json.dumps(left))


async def _read(database: Database) -> list[str]:
    found: list[str] = json.loads(
        await database.fetch_value("select offered from crm_access_state where id = $1", state.ROW)
    )
    return found
