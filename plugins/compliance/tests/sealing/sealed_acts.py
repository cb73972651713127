"""Doing things to records as the system, and looking at what their tables hold."""

from __future__ import annotations

from typing import Any

from crmcore import Actor, actions
from crmcore.testing import TestCrm

__all__ = ["create", "get", "raw", "update"]


async def create(crm: TestCrm, entity: str, **values: Any) -> dict[str, Any]:
    """Make a record as the system; say how it is."""
    return await crm.run(Actor.system("test"), lambda work: actions.create(work, entity, values))


async def update(crm: TestCrm, entity: str, id: Any, **values: Any) -> None:
    """Change a record as the system."""
    await crm.run(Actor.system("test"), lambda work: actions.update(work, entity, id, values))


async def get(crm: TestCrm, entity: str, id: Any) -> dict[str, Any]:
    """Read a record as the system."""
    return await crm.run(Actor.system("test"), lambda work: work.get(entity, id, deleted=True))


async def raw(crm: TestCrm, table: str, column: str) -> list[Any]:
    """Return what a column of a table holds, by id."""
    return [value for (value,) in await crm.database.fetch(f"select {column} from {table} order by id")]
