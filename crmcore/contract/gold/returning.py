"""Do records come back from a file as they went into it?"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.tried import tried
from crmcore.database.ddl import quote
from crmcore.database.declared import in_order, table_specs
from crmcore.entities.entity import Entity
from crmcore.errors import Refusal, SetupError
from crmcore.interchange.exports.run import export
from crmcore.interchange.imports.own import own_mapping
from crmcore.interchange.imports.run import import_csv
from crmcore.testing import TestCrm

__all__ = ["exports_can_be_imported_again"]

_FIX = (
    "Have its rules (prepare=) take what they once let be written: an import is `work.actor.type is ActorType.IMPORT`; let "
    "clients give what cannot be worked out again (write=Write.ALWAYS or CREATE)."
)


@rule(Tier.GOLD)
async def exports_can_be_imported_again(subject: Subject) -> AsyncIterator[Shortfall]:
    """Data that comes out and does not go in again is not a backup, nor a way to another installation.

    A record of each of the plugin's entities that clients can create is exported as CSV and removed, and the file is imported
    by the mapping that crmcore makes for its own files. What a file can give must be as it was.
    """
    async with tried(subject, subject.dialects[0]) as crm:
        await Records(crm, subject.name).all()
        order = [spec.name for spec in in_order(table_specs(crm.declared.tables_of(subject.name)))]
        own = [e for e in crm.entities.values() if e.plugin == subject.name and "create" in e.actions]
        own.sort(key=lambda entity: order.index(entity.tablename))
        with tempfile.TemporaryDirectory(prefix="crm-contract-") as folder:
            files = {entity.name: Path(folder) / f"{entity.name}.csv" for entity in own}
            before = {entity.name: await _exported(crm, entity) for entity in own}
            for name, text in before.items():
                files[name].write_bytes(text)
            for name in reversed(order):
                await crm.database.execute(f"delete from {quote(name)}")
            for entity in own:
                for shortfall in await _returned(crm, entity, files[entity.name], before[entity.name]):
                    yield shortfall


async def _exported(crm: TestCrm, entity: Entity) -> bytes:
    target = io.BytesIO()
    await export(crm, entity.name, target, actor=await crm.actor(None))
    return target.getvalue()


async def _returned(crm: TestCrm, entity: Entity, file: Path, exported: bytes) -> list[Shortfall]:
    mapping = own_mapping(crm.entities, entity.name, file)
    try:
        report = await import_csv(crm, mapping, file, actor=await crm.actor(None))
    except (SetupError, Refusal) as error:
        return [Shortfall(f"An export of {entity.plural} cannot be imported again: {error}", _FIX)]
    if report.refused:
        reason = report.first_refusals[0].reason
        return [Shortfall(f"A {entity.name} that was exported is refused when it is imported again: {reason}", _FIX)]
    before, after = _rows(exported), _rows(await _exported(crm, entity))
    written = {
        s if isinstance(s, str) else s.column for record in mapping.mapping.records for s in record.fields.values()
    }
    return [
        Shortfall(
            f"{entity.type_name}.{column} is not what it was after an export and an import: {then!r} became {now!r}.",
            _FIX,
        )
        for old, new in zip(before, after, strict=True)
        for column, then in old.items()
        if column in written and (now := new.get(column)) != then
    ]


def _rows(text: bytes) -> list[dict[str, str]]:
    return sorted(csv.DictReader(io.StringIO(text.decode(), newline="")), key=lambda row: row["id"])
