"""Write one record of one row: find it again by its key, compare, then create, update or leave it."""

from __future__ import annotations

from crmcore.entities import actions, store
from crmcore.entities.entity import Entity, camel
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid
from crmcore.interchange.imports import history, moves
from crmcore.interchange.imports.current import Current
from crmcore.interchange.imports.fields import Fields
from crmcore.interchange.imports.links import Links, cleaned
from crmcore.interchange.imports.plan import RecordPlan
from crmcore.interchange.imports.report import Outcome
from crmcore.interchange.imports.sources import Refused, Sources

__all__ = ["Records"]

_BY_EXTERNAL_ID = (
    "t.id = (select x.record_id from external_id x "
    "where x.system = $1 and x.record_type = $2 and x.external_id = $3 and x.deleted_at is null)"
)


class Records:
    """Writes records of one import."""

    def __init__(self, sources: Sources, links: Links) -> None:
        self._sources = sources
        self._links = links
        self._fields = Fields(sources, links)

    def applies(self, plan: RecordPlan, current: Current) -> bool:
        """Say whether the row has this record."""
        filled = all(current.row.get(column) not in (None, "") for column in plan.record.needs)
        return filled and history.holds(plan.record.when, current.row)

    async def write(self, plan: RecordPlan, current: Current) -> tuple[Row, Outcome]:
        """Create or update the record, or find that nothing is to be done.

        Returns:

            the record as it now is, and what was done.

        Raises:

            Unresolved: it names records that are not there, and nothing else is wrong.
            Refusal: the row, or the rules of the entity, refuse it.
        """
        try:
            values = {**plan.constants, **await self._fields.columns(current, [*plan.fields, *plan.custom])}
            steps = await history.steps(self._sources, self._links, self._fields, current, plan, values)
            external = self._external(plan, current)
            before = await self._before(plan, current, values, external)
        except Refused as refused:
            raise Invalid.at("key", refused.code, str(refused)) from refused
        if before is None:
            return await self._create(plan, current, values, steps, external), "created"
        after = await self._update(plan, current, before, values, steps)
        return after, "unchanged" if after["version"] == before["version"] else "updated"

    async def _create(
        self, plan: RecordPlan, current: Current, values: Row, steps: list[moves.Step], external: str | None
    ) -> Row:
        given = {column: value for column, value in values.items() if value is not None}
        if plan.entity.owned and "owner_id" not in given:
            given["owner_id"] = current.work.actor.user_id
        if steps:
            after = await moves.create(current.work, given, steps)
        else:
            after = await actions.create(current.work, plan.entity.name, given)
        if plan.record.external is not None:
            id = {"system": plan.record.external.system, "external_id": external}
            await actions.create(
                current.work, "external_id", {**id, "record_id": after["id"], "record_type": plan.entity.name}
            )
        return after

    async def _update(
        self, plan: RecordPlan, current: Current, before: Row, values: Row, steps: list[moves.Step]
    ) -> Row:
        # A restricted actor's rights are asked before anything is compared, so that "unchanged" betrays nothing.
        work = current.work
        restricted = not work.actor.access.everything or work.reach(plan.entity, "update") is not None
        if restricted or _differs(before, values):
            before = await actions.update(current.work, plan.entity.name, before["id"], values)
        return await moves.resume(current.work, before, steps) if steps else before

    def _external(self, plan: RecordPlan, current: Current) -> str | None:
        if plan.external is None:
            return None
        value = self._sources.value(plan.external, current.row)
        if value is None:
            raise Refused("REQUIRED", "The id of the other system is empty, so the record could not be found again.")
        return str(value)

    async def _before(self, plan: RecordPlan, current: Current, values: Row, external: str | None) -> Row | None:
        if plan.record.external is not None:
            found = await _by_external_id(current.work, plan.entity, plan.record.external.system, external)
        else:
            equals = {column: values.get(column) for column in plan.key}
            if all(value is None for value in equals.values()):
                names = ", ".join(map(camel, plan.key))
                raise Refused("REQUIRED", f"{names} is empty, so the record could not be found again.")
            found = await current.work.find(plan.entity.name, **cleaned(plan.entity, equals))
        if len(found) > 1:
            what = f"{len(found)} {plan.entity.plural} have this key; give {plan.record.label} one that no two records share."
            raise Refused("AMBIGUOUS", what)
        return found[0] if found else None


async def _by_external_id(work: Work, entity: Entity, system: str, external: str | None) -> list[Row]:
    if work.lot is None:
        return await store.select(work.database, entity, _BY_EXTERNAL_ID, system, entity.name, external)
    ids = await work.find("external_id", system=system, record_type=entity.name, external_id=external)
    found = [await work.lot.find(entity, {"id": id["record_id"]}, deleted=True) for id in ids]
    return [row for rows in found for row in rows or ()]


def _differs(before: Row, values: Row) -> bool:
    custom = values.get("custom_fields")
    if custom is not None and any((before["custom_fields"] or {}).get(key) != value for key, value in custom.items()):
        return True
    return any(before[column] != value for column, value in values.items() if column != "custom_fields")
