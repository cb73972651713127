"""Looking whether a database holds sealed values, or plain ones where there should be none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from crmcore import Database, Entity, kinds
from crmcore.entities.sealing import MARK

__all__ = ["has_ciphertext", "has_values"]

_TOLD: Final = f"select 1 from crm_event e where e.row like '%{MARK}%' or e.was like '%{MARK}%' or e.details like '%{MARK}%' limit 1"


async def has_values(database: Database, entity: Entity, column: str, *, sealed: bool) -> bool:
    """Say whether a column has values that are sealed, or that are not."""
    mark = f'"{MARK}' if entity.facts[column].kind is kinds.JSON else MARK
    same = "=" if sealed else "<>"
    sql = f"""
        select 1 from {entity.tablename} t
        where t.{column} is not null and substr(cast(t.{column} as text), 1, {len(mark)}) {same} $1 limit 1
    """
    return await database.fetch_value(sql, mark) is not None


async def has_ciphertext(database: Database, columns: Iterable[tuple[Entity, str]]) -> bool:
    """Say whether there is anything sealed: in columns, or in what the change feed tells of the past."""
    for entity, column in columns:
        if await has_values(database, entity, column, sealed=True):
            return True
    return await database.fetch_value(_TOLD) is not None
