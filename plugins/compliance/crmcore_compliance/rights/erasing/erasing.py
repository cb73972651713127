"""Erasing what the database has of a person, in the transaction at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore import Crm, Work, errors, subjects
from crmcore_compliance.audit.retelling import forgotten
from crmcore_compliance.rights.erasing.policy import policy_of
from crmcore_compliance.rights.events import ComplianceSubjectErased
from crmcore_compliance.rights.tokens import forget_tokens

if TYPE_CHECKING:
    from crmcore import Entity

__all__ = ["Erased", "Line", "erase"]


@dataclass(frozen=True, slots=True)
class Line:
    """What became of the records of one entity.

    Attributes:

        plugin: whose records.
        entity: which.
        fate: DELETED, ANONYMISED or KEPT.
        rows: how many.
        because: why.
    """

    plugin: str
    entity: str
    fate: str
    rows: int
    because: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done.

    Attributes:

        lines: by entity.
        records: the ids of all that was about the person, by entity, also of what is gone.
        unclassified: columns of which nobody has said whether they are personal; they stand as they were.
    """

    lines: tuple[Line, ...]
    records: Mapping[str, Sequence[UUID]]
    unclassified: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many records were removed or emptied."""
        return sum(line.rows for line in self.lines if line.fate != subjects.Fate.KEPT.name)


async def erase(crm: Crm, work: Work, subject: subjects.Subject) -> Erased:
    """Erase what the database has of a person; doing it again changes nothing more.

    Plugins that have a way of their own come first, then records from those furthest from the customer to the customer.
    What else the CRM keeps of requests about them, and tokens by which they could be looked up, goes with it.
    """
    found = await subjects.records_of(work.database, work.entities, subject)
    done = [
        Line(plugin, one.entity, one.fate.name, one.rows, one.because)
        for plugin, one in await crm.plugins.subject_erase(work, subject)
    ]
    named = {line.entity for line in done}
    for name in reversed(list(found)):
        if name not in named:
            done.append(await _generic(work, work.entities[name], found[name], subject))
    await subjects.forget_traces(work.database, found)
    await forget_tokens(work.database, subject.ids, [id for some in found.values() for id in some])
    kept = {line.entity for line in done if line.fate == subjects.Fate.KEPT.name}
    for name in found.keys() - kept:
        reason = "retention" if subject.request_id is None else f"request {subject.request_id}"
        await forgotten(work.database, name, records=found[name], reason=reason)
    customer = work.entities["customer"]
    request = None if subject.request_id is None else UUID(subject.request_id)
    if "customer" in found:
        told = {"compliance_request_id": request, "deleted": subject.delete}
        await work.emit(work.event(ComplianceSubjectErased, customer, subject.id, **told))
    unclassified = [f"{name}.{c}" for name in found for c in subjects.unclassified_columns(work.entities[name])]
    return Erased(tuple(sorted(done, key=lambda line: (line.plugin, line.entity))), found, tuple(unclassified))


async def _generic(work: Work, entity: Entity, records: Sequence[UUID], subject: subjects.Subject) -> Line:
    fate, because = policy_of(entity, delete=subject.delete)
    if fate is subjects.Fate.DELETED:
        try:
            await subjects.remove(work, entity.name, records)
        except errors.InUse:
            # Another plugin's records need it, and are not ours to remove.
            fate, because = policy_of(entity, delete=False)
    if fate is subjects.Fate.ANONYMISED:
        also: dict[str, Any] = {}
        if entity.name == "customer" and subject.delete:
            also = {"deleted_at": work.now}
        await subjects.blank(work, entity.name, await _undeleted(work, entity, records, also), also=also)
    return Line(entity.plugin, entity.name, fate.name, len(records), because)


async def _undeleted(work: Work, entity: Entity, records: Sequence[UUID], also: dict[str, Any]) -> Sequence[UUID]:
    # A customer who was deleted before stays deleted since then.
    if not also:
        return records
    rows = [row async for row in subjects.rows_of(work.database, entity, records)]
    gone = [row["id"] for row in rows if row["deleted_at"] is not None]
    await subjects.blank(work, entity.name, gone)
    return [id for id in records if id not in gone]
