"""Something of a plugin that stands in a table of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crmcore.database import Database
from crmcore.database.ddl import quote

__all__ = ["Rows", "Trace", "among"]


class Trace(Protocol):
    """What is counted and removed."""

    @property
    def what(self) -> str:
        """As a plan says it before the number: `jobs`."""
        ...

    async def count(self, database: Database) -> int:
        """Return how many there are."""
        ...

    async def remove(self, database: Database) -> None:
        """Remove them, within a transaction; nothing happens when there are none."""
        ...


@dataclass(frozen=True)
class Rows:
    """Rows that go.

    Attributes:

        what: as a plan says it before the number.
        table: where they are.
        where: which they are.
        values: of the condition's placeholders.
        cleared: columns that become null instead, in rows that stay.
    """

    what: str
    table: str
    where: str
    values: Sequence[Any]
    cleared: tuple[str, ...] = ()

    async def count(self, database: Database) -> int:
        """See `Trace`."""
        return int(
            await database.fetch_value(f"select count(*) from {quote(self.table)} where {self.where}", *self.values)
        )

    async def remove(self, database: Database) -> None:
        """See `Trace`."""
        if self.cleared:
            nulls = ", ".join(f"{quote(column)} = null" for column in self.cleared)
            sql = f"update {quote(self.table)} set {nulls}, version = version + 1 where {self.where}"
        else:
            sql = f"delete from {quote(self.table)} where {self.where}"
        await database.execute(sql, *self.values)


def among(column: str, values: Sequence[Any], start: int = 1) -> str:
    """Write that a column has one of some values, bound from `$start` on; none is never."""
    return f"{column} in ({', '.join(f'${n}' for n in range(start, start + len(values)))})" if values else "1 = 0"
