"""Find the records that cells name, with what was found before kept at hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmcore.entities import forms
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import TEXT
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.interchange.imports.sources import Refused
from crmcore.interchange.imports.values import Link

__all__ = ["Links", "Missing", "cleaned"]

_KEPT = 20_000


class Missing(Refused):
    """There is no record such as a cell names.

    Attributes:

        entity: the entity it would have been of.
    """

    CODE = "UNKNOWN_REFERENCE"

    def __init__(self, entity: str, message: str) -> None:
        super().__init__(self.CODE, message)
        self.entity = entity


class Links:
    """Looks records up for one import.

    What a row found is only kept once the row succeeded: a record that the row itself made is gone when the row is undone.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], UUID] = OrderedDict()
        self._fresh: dict[tuple[Any, ...], UUID] = {}

    def keep(self) -> None:
        """Keep what was found since the last `keep` or `forget`."""
        self._kept.update(self._fresh)
        self._fresh.clear()
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def forget(self, *, everything: bool = False) -> None:
        """Drop what was found since the last `keep`; after a transaction was undone, everything."""
        self._fresh.clear()
        if everything:
            self._kept.clear()

    async def find(self, work: Work, target: Entity, equals: Mapping[str, Any], system: str | None, shown: Any) -> Link:
        """Return the one live record that has these columns, or this external id.

        Args:

            work: the unit of work.
            target: the record's entity.
            equals: columns and what they hold.
            system: the system whose external id `shown` is; None if it is none.
            shown: what the cell holds.

        Raises:

            Missing: there is none that the actor may see.
            Refused: there are several, or a text could not be stored there.
        """
        key = (target.name, system, str(shown) if system else None, *sorted(equals.items(), key=lambda kv: kv[0]))
        found = self._kept.get(key) or self._fresh.get(key)
        if found is None:
            found = self._fresh[key] = await _found(work, target, cleaned(target, equals), system, shown)
        return Link(target.name, found)


async def _found(work: Work, target: Entity, equals: Mapping[str, Any], system: str | None, shown: Any) -> UUID:
    by = f"external id of {system}" if system is not None else " and ".join(map(camel, equals))
    if work.lot is None or work.reach(target, "read") is not None:
        return _only(await _ask(work, target, equals, system, shown), target, by, shown)
    if system is None:
        return _only(await work.find(target.name, **equals), target, by, shown)
    ids = await work.find("external_id", system=system, record_type=target.name, external_id=str(shown))
    rows = [row for id in ids for row in await work.find(target.name, **{**equals, "id": id["record_id"]})]
    return _only(rows, target, by, shown)


async def _ask(work: Work, target: Entity, equals: Mapping[str, Any], system: str | None, shown: Any) -> list[Row]:
    conditions, values = await work.equal(target, equals)
    if target.soft_delete:
        conditions.append("t.deleted_at is null")
    if system is not None:
        values += [target.name, system, str(shown)]
        conditions.append(
            "t.id = (select x.record_id from external_id x where x.deleted_at is null "
            f"and x.record_type = ${len(values) - 2} and x.system = ${len(values) - 1} and x.external_id = ${len(values)})"
        )
    readable, more = work.predicate(target, "read", start=len(values) + 1)
    sql = f"select t.id from {target.tablename} t where {' and '.join([*conditions, readable])} limit 2"
    return await work.rows(sql, *values, *more)


def _only(found: list[dict[str, Any]], target: Entity, by: str, shown: Any) -> UUID:
    if not found:
        what = target.name.replace("_", " ")
        raise Missing(target.name, f"There is no {what} with {by} {str(shown)[:60]!r}, or you may not see it.")
    if len(found) > 1:
        reason = f"Several {target.plural} have {by} {str(shown)[:60]!r}; look by what is unique, or add within."
        raise Refused("AMBIGUOUS", reason)
    id: UUID = found[0]["id"]
    return id


def cleaned(entity: Entity, equals: Mapping[str, Any]) -> dict[str, Any]:
    """Return texts as they are stored, so that they are found.

    Raises:

        Refused: a text could never be stored there.
    """
    found = dict(equals)
    for column, value in equals.items():
        said = entity.facts[column]
        if said.kind is TEXT and isinstance(value, str):
            try:
                found[column] = forms.clean(said.form or "line", value)
            except ValueError as problem:
                raise Refused("MALFORMED", f"{camel(column)}: {problem}") from problem
    return found
