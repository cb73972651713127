"""Filters of endpoints: the input of an entity's lists, asked of rows as events left them, under rules of rows and fields.

The rows come out of the feed and not out of the table, so a record is judged as it was then: an event does not slip
through because the record changed again before anybody looked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from graphql import FieldNode, GraphQLError, GraphQLInputObjectType, NameNode, coerce_input_value
from graphql.utilities import validate_input_value

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.errors import Invalid, Refusal, Violation
from crmcore.graphql.planner.arguments.binding import Binder, Bound
from crmcore.graphql.planner.arguments.given import REFUSED, Given, part
from crmcore.graphql.planner.lists.filters import Filters
from crmcore.graphql.planner.place import Place
from crmcore.graphql.planner.postgresql import Postgresql
from crmcore.graphql.planner.related import Related
from crmcore.graphql.planner.rules import Rules
from crmcore.graphql.planner.sqlite import Sqlite

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Asked", "coerced"]

_NOWHERE = Place((), FieldNode(name=NameNode(value="filter")))
_PLACEHOLDER = re.compile(r"\$(\d+)")


def coerced(crm: Crm, entity: Entity, filter: Any) -> Any:
    """Read a filter that was given as JSON as the argument of an entity's list is read.

    Raises:

        Invalid: it is not such a filter; all that is wrong is listed.
    """
    type_ = crm.schema.graphql.get_type(f"{entity.type_name}Filter")
    assert isinstance(type_, GraphQLInputObjectType)
    violations: list[Violation] = []

    def note(error: GraphQLError, path: list[str | int]) -> None:
        violations.append(Violation(".".join(map(str, path)), "MALFORMED", error.message))

    validate_input_value(filter, type_, note)
    if violations:
        raise Invalid.of(violations)
    return coerce_input_value(filter, type_)


class Asked:
    """What is asked of the rows of one entity: a filter, and what an actor may see.

    Args:

        database: whose SQL it is.
        entities: all entities.
        entity: whose rows.
        actor: whose rules count.
        filter: coerced; None for every row.
        zone: in whose days relative dates count.

    Raises:

        Refusal: the filter goes by a field that the actor may not see, or means nothing.
    """

    def __init__(
        self, database: Database, entities: Entities, entity: Entity, actor: Actor, filter: Any, zone: str
    ) -> None:
        self._database, self._entity, self._actor = database, entity, actor
        self._binder = Binder(Postgresql() if database.dialect == "postgresql" else Sqlite())
        self._rules = Rules(entities, actor.access, self._binder)
        self._values: list[Any] = []
        self._conditions = list(self._filtered(Related(entities, self._rules), filter, zone))

    def check(self) -> None:
        """Read all values.

        Raises:

            Refusal: one means nothing, the id of another entity for example.
        """
        self._read()

    @property
    def sees_all(self) -> bool:
        """Whether every row meets it."""
        return not self._conditions and not self._rules.rows(self._entity, "t")

    async def rows(self, texts: Collection[str]) -> set[int]:
        """Return the positions of the rows that meet it.

        Whether a record may be seen is asked of it as it is now; of one that is gone, as it was.

        Args:

            texts: rows as the feed has them.
        """
        table = self._entity.tablename
        given = self._bound(f"[{','.join(texts)}]")
        if self._database.dialect == "postgresql":
            source = (
                f"jsonb_array_elements({given}::text::jsonb) with ordinality as e(value, key) "
                f"cross join lateral jsonb_populate_record(null::{table}, e.value) t"
            )
            key = "e.key - 1"
        else:
            columns = ", ".join(f"json_extract(e.value, '$.{name}') as {name}" for name in self._entity.columns)
            source, key = f"(select e.key as crm_key, {columns} from json_each({given}) e) t", "t.crm_key"
        return {row[0] for row in await self._run(f"select {key} from {source}", self._visible())}

    async def ids(self, among: Collection[Any]) -> set[Any]:
        """Return those of some ids whose records, as they are now, meet it; deleted ones count."""
        given = ", ".join(self._bound(value) for value in among)
        where = [f"t.id in ({given})", *self._rules.rows(self._entity, "t")]
        return {row[0] for row in await self._run(f"select t.id from {self._entity.tablename} t", where)}

    def _visible(self) -> list[str]:
        if not (then := self._rules.rows(self._entity, "t")):
            return []
        table = self._entity.tablename
        now = " and ".join(["r.id = t.id", *self._rules.rows(self._entity, "r")])
        return [
            f"case when exists (select 1 from {table} l where l.id = t.id) "
            f"then exists (select 1 from {table} r where {now}) else {' and '.join(then)} end"
        ]

    async def _run(self, select: str, conditions: list[str]) -> list[tuple[Any, ...]]:
        where = " and ".join(f"({condition})" for condition in [*conditions, *self._conditions])
        sql = f"{select} where {where}" if where else select
        values = self._read()
        sql, used = _renumbered(sql)
        return await self._database.fetch(sql, *(values[n] for n in used))

    def _bound(self, value: Any) -> str:
        return self._binder.bind(lambda _: value, None)

    def _read(self) -> list[Any]:
        bound = Bound([self._values], self._actor)
        return [parameter.read(bound) for parameter in self._binder.parameters]

    def _filtered(self, related: Related, filter: Any, zone: str) -> Iterator[str]:
        if filter is None:
            return
        shape, self._values = part({"filter": filter}, {})
        if shape == REFUSED:
            refusal: Refusal = self._values[0]
            raise refusal
        given = Given(shape, 0, _NOWHERE).get("filter")
        if given is not None:
            yield from Filters(related, self._binder, ZoneInfo(zone)).conditions(self._entity, "t", given)


def _renumbered(sql: str) -> tuple[str, list[int]]:
    """Number the placeholders that a statement uses from 1, since PostgreSQL wants to know each one's type."""
    numbers: dict[str, int] = {}
    sql = _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
    return sql, [int(number) - 1 for number in numbers]
