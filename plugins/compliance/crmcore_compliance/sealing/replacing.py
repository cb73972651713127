"""Blind indexes made anew: another key, another form, or more bits; the old one is asked until the new one has all tokens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from crmcore import Crm, Database, clock, ids
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.normal import UNICODE
from crmcore_compliance.sealing.planning import UNIQUE_BITS, plan
from crmcore_compliance.tables.sealing import ComplianceIndexKind

__all__ = ["add_versions", "replace_indexes"]

_NEWEST: Final = """
    select field, kind, max(version), max(bits) from compliance_index where field = $1 and state <> 'OLD'
    group by field, kind
"""
_ADD: Final = """
    insert into compliance_index (id, number, field, kind, version, normaliser, bits, unicode, state, made_at)
    select $1, (select max(number) from compliance_index) + 1, field, kind, version + 1, normaliser, $2, $3, 'BUILDING', $4
    from compliance_index where field = $5 and kind = $6 and version = $7
"""
_LIVE: Final = "update compliance_index set state = 'LIVE' where field = $1 and state = 'BUILDING'"
_OLD: Final = """
    update compliance_index set state = 'OLD' where field = $1 and state = 'LIVE' and exists (
        select 1 from compliance_index n where n.field = compliance_index.field and n.kind = compliance_index.kind
            and n.state = 'LIVE' and n.version > compliance_index.version)
"""
_NUMBERS: Final = "select number from compliance_index where field = $1 and state = 'OLD'"
#: Of tokens that are nobody's any more so many go at once.
_DELETE: Final = """
    delete from {table} where id in (select id from {table} where number = $1 limit 5000)
"""


def _names(seal: EntitySeal, column: str) -> list[str]:
    return [seal.fields[column].field, *(unique.name for unique in seal.uniques if column in unique.columns)]


async def add_versions(database: Database, seal: EntitySeal, column: str) -> None:
    """Begin a new version of each index of a column, with as many bits as the records that are there call for."""
    records = int(await database.fetch_value(f"select count(*) from {seal.entity.tablename}"))
    for name in _names(seal, column):
        for field, kind, version, bits in await database.fetch(_NEWEST, name):
            wanted = bits
            if kind == ComplianceIndexKind.EQUAL.name and bits != UNIQUE_BITS:
                allowed = plan(records)
                wanted = max(bits, allowed[-2]) if len(allowed) > 1 else bits
            await database.execute(_ADD, ids.new(), wanted, UNICODE, clock.now(), field, kind, version)


async def replace_indexes(crm: Crm, seal: EntitySeal, column: str, settle: Callable[[], Awaitable[None]]) -> None:
    """Have new versions asked, then the old ones not written any more, then their tokens deleted; all know before each step."""
    names = _names(seal, column)
    for step in (_LIVE, _OLD):
        for name in names:
            await crm.database.execute(step, name)
        await settle()
    for name in names:
        for (number,) in await crm.database.fetch(_NUMBERS, name):
            for table in ("compliance_token", "compliance_unique"):
                while await crm.database.execute(_DELETE.format(table=table), number):
                    pass
