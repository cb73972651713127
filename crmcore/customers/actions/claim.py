"""Rules over several records hold only if those who change the records do so one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmcore.entities.work import Work

__all__ = ["claim"]


async def claim(work: Work, entity: str, ids: Iterable[UUID]) -> None:
    """Make units of work that claim the same record happen one after the other, as if there were no others.

    The row is written as it is. A lock would not do: PostgreSQL's REPEATABLE READ goes on with the snapshot it has, and
    does not see what the first unit changed; a row written meanwhile makes it fail, and the unit is run again.
    """
    table = work.entities[entity].tablename
    for id in sorted(ids):  # one order for all, so that two claims do not wait for each other
        await work.database.execute(f"update {table} set version = version where id = $1", id)
