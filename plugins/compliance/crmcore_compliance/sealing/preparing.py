"""What a start makes sure of: every field that the settings seal is known to the database, and none is that they do not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from crmcore import Crm, Database, clock, errors, ids, kinds
from crmcore_compliance.sealing.altering import as_declared, as_text
from crmcore_compliance.sealing.declared import shown_place
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.indexes import PREFIX_BITS, UNIQUE_HEX
from crmcore_compliance.sealing.known import Knowing
from crmcore_compliance.sealing.looking import has_ciphertext
from crmcore_compliance.sealing.normal import UNICODE
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.sealing import (
    ComplianceColumnState,
    ComplianceIndexKind,
    ComplianceIndexState,
)

__all__ = ["prepare", "seals_in"]

_STATE: Final = ComplianceColumnState
#: Entity, column and state by field.
Noted = Mapping[str, tuple[str, str, ComplianceColumnState]]
_COLUMNS: Final = 'select field, entity, "column", state from compliance_column'
_ADD_COLUMN: Final = """
    insert into compliance_column (id, field, entity, "column", state, work, began_at, paused, in_feed, done, total)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0, 0)
"""
_RENAME: Final = 'update compliance_column set entity = $2, "column" = $3 where field = $1'
_INDEXES: Final = "select number, field, kind, version, normaliser, state from compliance_index"
_ADD_INDEX: Final = """
    insert into compliance_index (id, number, field, kind, version, normaliser, bits, unicode, state, made_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

_FORGET: Final = (
    "delete from compliance_index where field = $1",
    "delete from compliance_column where field = $1",
)


def seals_in(crm: Crm) -> list[EntitySeal]:
    """Return the seals of a CRM's entities."""
    return [entity.seal for entity in crm.entities.values() if isinstance(entity.seal, EntitySeal)]


async def prepare(crm: Crm) -> None:
    """Note new sealed fields and the indexes they need; what has no records yet is sealed from the first one on.

    Raises:

        SetupError: a field holds ciphertext and is not to be sealed any more, or the keystore is another one.
    """
    compliance = compliance_of(crm)
    compliance.knowing = Knowing(compliance)
    seals = [seal for seal in seals_in(crm) if seal.fields]
    database = crm.database
    noted = {field: (entity, column, _STATE[state]) for field, entity, column, state in await database.fetch(_COLUMNS)}
    _check_left_out(seals, noted)
    noted_seals = [
        (crm.entities[entity], column) for entity, column, state in noted.values() if state is not _STATE.PLAIN
    ]
    if compliance.keyring.is_new and noted_seals and await has_ciphertext(database, noted_seals):
        msg = "The keystore [plugins.compliance] keystore is empty and the database holds ciphertext; give the keystore that it was sealed with."
        raise errors.SetupError("compliance-keystore", [msg])

    async def unit() -> None:
        async with database.transaction():
            new = [field for seal in seals for field in await _note_columns(database, seal)]
            await _note_indexes(database, seals, new)

    await _alter_back(crm, seals, noted)
    if seals:
        await _alter(database, seals)
        await database.retrying(unit)


def _check_left_out(seals: Sequence[EntitySeal], noted: Noted) -> None:
    wanted = {field.field for seal in seals for field in seal.fields.values()}
    problems = [
        f"{shown_place(entity, column)} is {state.name.lower()} and [plugins.compliance] sealed does not name it; add it "
        f"again, and run `crm compliance unseal {shown_place(entity, column)}` before it is taken out."
        for field, (entity, column, state) in noted.items()
        if field not in wanted and state is not _STATE.PLAIN
    ]
    if problems:
        raise errors.SetupError("compliance-sealed", problems)


async def _alter(database: Database, seals: Sequence[EntitySeal]) -> None:
    """Make texts of dates and numbers that are to be sealed, once; the table is nobody else's meanwhile."""
    for seal in seals:
        for column in seal.fields:
            if seal.entity.facts[column].kind not in (kinds.TEXT, kinds.ENUM, kinds.JSON):
                await as_text(database, seal.entity, column)


async def _alter_back(crm: Crm, seals: Sequence[EntitySeal], noted: Noted) -> None:
    """Forget columns that are plain and not to be sealed any more, and give them their own types again."""
    wanted = {field.field for seal in seals for field in seal.fields.values()}
    for field, (name, column, _) in noted.items():
        if field in wanted:
            continue
        entity = crm.entities.get(name)
        if entity is not None and column in entity.columns:
            await as_declared(crm.database, entity, column)
        for sql in _FORGET:
            await crm.database.execute(sql, field)


async def _note_columns(database: Database, seal: EntitySeal) -> list[str]:
    noted = {field: (entity, column) for field, entity, column, _ in await database.fetch(_COLUMNS)}
    for column, field in seal.fields.items():
        place = (seal.entity.name, column)
        if field.field not in noted:
            empty = await _is_empty(database, seal)
            state, work = ("SEALED", None) if empty else ("SEALING", "SEAL")
            began = None if empty else clock.now()
            await database.execute(_ADD_COLUMN, ids.new(), field.field, *place, state, work, began, False)
        elif noted[field.field] != place:
            await database.execute(_RENAME, field.field, *place)
    return [field.field for field in seal.fields.values() if field.field not in noted]


async def _is_empty(database: Database, seal: EntitySeal) -> bool:
    return await database.fetch_value(f"select 1 from {seal.entity.tablename} limit 1") is None


async def _note_indexes(database: Database, seals: Sequence[EntitySeal], new: Collection[str]) -> None:
    noted = await database.fetch(_INDEXES)
    number = max((row[0] for row in noted), default=0)
    for seal in seals:
        fresh = await _is_empty(database, seal)
        for name, of, kind, normaliser, bits in _wanted(seal):
            there = [row for row in noted if row[1] == name and row[2] == kind.name]
            if any(row[4] == normaliser and row[5] != "OLD" for row in there):
                continue
            number += 1
            version = max((row[3] for row in there), default=0) + 1
            # While a new column is being sealed its values get their tokens with their seals.
            live = fresh or (not there and all(field in new for field in of))
            state = ComplianceIndexState.LIVE if live else ComplianceIndexState.BUILDING
            said = name, kind.name, version, normaliser, bits, UNICODE, state.name, clock.now()
            await database.execute(_ADD_INDEX, ids.new(), number, *said)


def _wanted(seal: EntitySeal) -> Iterator[tuple[str, list[str], ComplianceIndexKind, str, int]]:
    for field in seal.fields.values():
        name = field.field
        if field.normaliser is not None:
            yield name, [name], ComplianceIndexKind.EQUAL, field.normaliser, field.bits
        if field.allowed.prefix and field.normaliser is not None:
            yield name, [name], ComplianceIndexKind.PREFIX, field.normaliser, PREFIX_BITS
    for unique in seal.uniques:
        of = [seal.fields[column].field for column in unique.columns if column in seal.fields]
        yield unique.name, of, ComplianceIndexKind.UNIQUE, "text-v1", UNIQUE_HEX * 4
