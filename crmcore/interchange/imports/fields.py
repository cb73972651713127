"""What a row gives the fields of one record, with everything that is wrong with it in one refusal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crmcore.entities.store import Row
from crmcore.errors import Invalid, Violation
from crmcore.interchange.imports.current import Current
from crmcore.interchange.imports.links import Links, Missing
from crmcore.interchange.imports.plan import FieldPlan
from crmcore.interchange.imports.sources import Refused, Sources
from crmcore.interchange.imports.values import as_columns, as_json

__all__ = ["Fields", "Unresolved"]


class Unresolved(Invalid):
    """The row names records that are not there, and nothing else is wrong: it may be worth trying again later.

    Attributes:

        entities: the entities it asked for in vain.
    """

    def __init__(self, message: str, violations: Sequence[Violation] = (), entities: Iterable[str] = ()) -> None:
        super().__init__(message, violations)
        self.entities = frozenset(entities)


class Fields:
    """Evaluates fields for one import."""

    def __init__(self, sources: Sources, links: Links) -> None:
        self._sources = sources
        self._links = links

    async def columns(self, current: Current, plans: Iterable[FieldPlan]) -> Row:
        """Return the columns that a row gives; custom fields stand in `custom_fields`, by key.

        Raises:

            Unresolved: it names records that are not there.
            Invalid: something else is wrong as well; all of it is listed.
        """
        found: Row = {}
        wrong: list[Violation] = []
        absent: set[str] = set()
        for plan in plans:
            try:
                await self._add(found, current, plan)
            except Refused as refused:
                wrong.append(Violation(plan.path, refused.code, f"{plan.path}: {refused}"))
                absent |= {refused.entity} if isinstance(refused, Missing) else set()
        if wrong and all(violation.code == Missing.CODE for violation in wrong):
            raise Unresolved(Invalid.of(wrong).message, wrong, absent)
        if wrong:
            raise Invalid.of(wrong)
        return found

    async def _add(self, found: Row, current: Current, plan: FieldPlan) -> None:
        value = await self._value(current, plan)
        if value is None and not plan.source.clear:
            return
        if plan.field is None:
            found.setdefault("custom_fields", {})[plan.path.removeprefix("customFields.")] = as_json(value)
        else:
            found |= as_columns(plan.field, value, plan.source, current.row)

    async def _value(self, current: Current, plan: FieldPlan) -> Any:
        if plan.source.record is not None:
            return current.written.get(plan.source.record)
        value = self._sources.value(plan.source, current.row)
        if value is None or plan.target is None:
            return value
        try:
            return await self._find(current, plan, value)
        except Missing:
            if plan.source.missing == "empty":
                return None
            raise

    async def _find(self, current: Current, plan: FieldPlan, value: Any) -> Any:
        assert plan.target is not None
        equals: Row = {}
        for part in plan.within:
            assert part.field is not None
            equals |= as_columns(part.field, await self._value(current, part), part.source, current.row)
        if plan.by is not None:
            equals |= as_columns(plan.by, value, plan.source, current.row)
        return await self._links.find(current.work, plan.target, equals, plan.source.system, value)
