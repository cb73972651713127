"""How much of some subjects can still be read: what an erasure must leave at nothing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crmcore import Crm
from crmcore.database.arrays import members
from crmcore.entities.sealing import ERASED, Cell, is_sealed
from crmcore_compliance.sealing.preparing import seals_in
from crmcore_compliance.sealing.turning import as_given

__all__ = ["readable"]


async def readable(crm: Crm, subjects: Sequence[UUID]) -> int:
    """Return how many sealed values of some subjects open with the keys that are there, over all entities."""
    database, count = crm.database, 0
    among = members(database.dialect, "$1", "uuid")
    for seal in seals_in(crm):
        if not seal.fields:
            continue
        whose, columns = seal.subject_sql("t", database.dialect), ", ".join(f"t.{column}" for column in seal.fields)
        sql = f"select t.id, {whose}, {columns} from {seal.entity.tablename} t where {whose} in ({among})"
        for id, subject, *values in await database.fetch(sql, list(subjects)):
            of = subject if isinstance(subject, UUID) else UUID(subject)
            cells = [
                Cell(column, id, of, stored)
                for column, value in zip(seal.fields, values, strict=True)
                if is_sealed(stored := as_given(value))
            ]
            opened = await seal.open(database, cells) if cells else ()
            count += sum(value is not ERASED for value in opened)
    return count
