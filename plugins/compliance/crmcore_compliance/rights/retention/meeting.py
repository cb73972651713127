"""Which records a rule of retention meets: too old, not yet dealt with, and not under a legal hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crmcore import Crm, Entity, Row, subjects
from crmcore_compliance.rights.holds import standing
from crmcore_compliance.rights.retention.preparing import basis_column, columns_of
from crmcore_compliance.tables.retention import ComplianceRetentionAction as Action

__all__ = ["Met", "met"]


@dataclass(frozen=True, slots=True)
class Met:
    """What a rule meets.

    Attributes:

        before: what is older than this.
        ids: the records, without those that are held.
        held: how many a legal hold keeps.
    """

    before: datetime
    ids: tuple[UUID, ...]
    held: int


async def met(crm: Crm, rule: Row, now: datetime) -> Met:
    """Look up what a rule meets at an instant."""
    entity, before = crm.entities[rule["entity"]], now - timedelta(days=rule["days"])
    column = basis_column(entity, rule["basis"])
    assert column is not None
    conditions = [f"t.{column} < $1"]
    if rule["action"] == Action.ANONYMISE.name:
        conditions.append(f"({' or '.join(_left(entity, one) for one in columns_of(entity, rule['category']))})")
    elif entity.name == "customer" and rule["action"] == Action.DELETE.name:
        # An erased customer is an empty record, and was met before.
        columns = subjects.personal_columns(entity)
        conditions.append(f"({' or '.join(_left(entity, one) for one in columns if entity.facts[one].null)})")
    sql = f"select t.id from {entity.tablename} t where {' and '.join(conditions)} order by t.id"
    found = [row[0] for row in await crm.database.fetch(sql, before)]
    kept = await _held(crm, entity, found, now)
    return Met(before, tuple(id for id in found if id not in kept), len(kept))


def _left(entity: Entity, column: str) -> str:
    said = entity.facts[column]
    if said.null:
        return f"t.{column} is not null"
    return f"(t.{column} <> '' and t.{column} not like '«erased»%')" if said.kind.python is str else "false"


async def _held(crm: Crm, entity: Entity, found: list[UUID], now: datetime) -> Collection[UUID]:
    everybody, customers = await standing(crm.database, now)
    if everybody:
        return set(found)
    kept: set[UUID] = set()
    for customer in customers:
        subject = await subjects.subject_of(crm.database, customer)
        kept |= set((await subjects.records_of(crm.database, crm.entities, subject)).get(entity.name, ()))
    return kept & set(found)
