"""Who gives which part of the schema: for every type, field, input field and enum value a plugin, and since which version.

What is declared says so itself. All other types follow: a plugin gives what would not be there without it, so each type is
given by the first plugin, in load order, whose fields lead to it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLNamedType, GraphQLSchema, get_named_type

from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities, Giver
from crmcore.events.types import EventTypes
from crmcore.graphql.lists.figures import figures
from crmcore.graphql.schema.gathered import Gathered
from crmcore.plugins.names import BUILT_IN

if TYPE_CHECKING:
    from crmcore.plugins.contributed import Contributed

__all__ = ["CORE", "Provenance", "find_provenance"]

#: Who gives what is nobody's alone.
CORE = "core"
#: Since when the parts of crmcore are there that do not say it.
_FIRST = "0.1"
#: What every schema may have, though some plugin's field is the first that leads to it.
_COMMON = (
    *("Actor", "Money", "MoneyInput", "Node", "PageInfo", "Problem", "DestroyResult", "GroupKey"),
    *("BatchMode", "DateGrain", "DeletedRecords", "GroupKeyPosition", "NullsOrder", "OrderDirection"),
    *("ActorFilter", "BigIntFilter", "BooleanFilter", "DateFilter", "DateTimeFilter", "DecimalFilter", "FloatFilter"),
    *("IdFilter", "IntFilter", "JsonFilter", "MoneyFilter", "TextFilter", "TimelineConnection"),
    *("BigInt", "Currency", "Date", "DateTime", "Decimal", "JSON"),
)


@dataclass(frozen=True)
class Provenance:
    """Who gives what.

    Attributes:

        types: the giver of each type by its name.
        parts: the giver of fields, input fields and enum values, by type and name, where it may be another than their type's.
    """

    types: Mapping[str, Giver]
    parts: Mapping[tuple[str, str], Giver]

    def part(self, type_name: str, name: str) -> Giver:
        """Return who gives a field, an input field or an enum value."""
        return self.parts.get((type_name, name), self.types[type_name])


def find_provenance(
    schema: GraphQLSchema,
    entities: Entities,
    gathered: Iterable[Gathered] = (),
    contributed: Contributed | None = None,
    events: EventTypes | None = None,
) -> Provenance:
    """Find out who gives what.

    Args:

        schema: the whole schema.
        entities: whose types they are, with what follows from each.
        gathered: the fields of types that several parties give.
        contributed: what plugins declare; its order of plugins counts.
        events: what can happen.
    """
    declared = dict.fromkeys([CORE, *BUILT_IN, *(contributed.plugins if contributed else ())])
    types = {entity.type_name: Giver(entity.plugin, entity.since) for entity in entities.values()}
    types |= {made.__name__: Giver(plugin) for plugin, made in (contributed.types if contributed else ())}
    parts = {(said.type_name, name): giver for said in gathered for name, giver in said.givers.items()}
    parts |= _values(entities, events)
    for name, type_ in schema.type_map.items():
        if entity := _entity_of(entities, name):
            parts |= _derived(entities, entity, name, type_)
    order = list(dict.fromkeys([*declared, *(g.plugin for g in (*types.values(), *parts.values()))]))
    found = _Walk(schema, types, parts, order).found()
    return Provenance(
        {name: _dated(giver) for name, giver in found.items()}, {at: _dated(giver) for at, giver in parts.items()}
    )


class _Walk:
    """Goes from the roots along fields, as far as the first plugin's lead, then the second's, and so on."""

    def __init__(
        self,
        schema: GraphQLSchema,
        types: Mapping[str, Giver],
        parts: Mapping[tuple[str, str], Giver],
        order: Sequence[str],
    ) -> None:
        self._schema = schema
        self._types = types
        self._parts = parts
        self._turn = {plugin: turn for turn, plugin in enumerate(order)}
        self._pending: list[deque[tuple[str, Giver]]] = [deque() for _ in order]

    def found(self) -> dict[str, Giver]:
        """Return the giver of every type."""
        found: dict[str, Giver] = {}
        roots = [
            t.name for t in (self._schema.query_type, self._schema.mutation_type, self._schema.subscription_type) if t
        ]
        self._pending[0].extend((name, Giver(CORE)) for name in (*roots, *_COMMON) if name in self._schema.type_map)
        for name, giver in self._types.items():
            self._pending[self._turn[giver.plugin]].append((name, giver))
        for pending in self._pending:
            while pending:
                name, giver = pending.popleft()
                if name not in found:
                    found[name] = self._types.get(name, giver)
                    self._follow(name, found[name])
        return found

    def _follow(self, name: str, giver: Giver) -> None:
        for part, leads_to in _leads(self._schema.type_map[name]):
            by = self._parts.get((name, part), giver)
            # Whoever comes later in the load order is the one without whom there would be no way here.
            by = max(by, giver, key=lambda g: self._turn[g.plugin])
            self._pending[self._turn[by.plugin]].append((leads_to, by))


def _leads(type_: GraphQLNamedType) -> Iterator[tuple[str, str]]:
    for part, said in getattr(type_, "fields", {}).items():
        for led in (said, *getattr(said, "args", {}).values()):
            yield part, get_named_type(led.type).name
    for other in (*getattr(type_, "interfaces", ()), *getattr(type_, "types", ())):
        yield "", other.name


def _entity_of(entities: Entities, type_name: str) -> Entity | None:
    """Return the entity of which a type is made, as `UpdateTaskInput` is; the host sees to it that names begin so."""
    named = re.fullmatch(r"(?:Create|Update)?([A-Z].*)", type_name)
    words = re.findall(r"[A-Z][a-z0-9]*", named[1]) if named else []
    by_type = {entity.type_name: entity for entity in entities.values()}
    heads = ("".join(words[:n]) for n in range(len(words), 0, -1))
    return next((by_type[head] for head in heads if head in by_type), None)


def _derived(entities: Entities, entity: Entity, type_name: str, type_: Any) -> Iterator[tuple[tuple[str, str], Giver]]:
    of_figures = {_plain(x.name): x.field.name for x in figures(entities, entity) if x.field is not None}
    known = {**of_figures, **{_plain(name): name for name in entities.fields(entity.name)}}
    for part in (*getattr(type_, "fields", ()), *getattr(type_, "values", ())):
        if (field := known.get(_plain(part))) is not None:
            yield (type_name, part), entities.giver(entity.name, field)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _values(entities: Entities, events: EventTypes | None) -> Iterator[tuple[tuple[str, str], Giver]]:
    for entity in entities.values():
        giver = Giver(entity.plugin, entity.since)
        yield ("EntityType", entity.name.upper()), giver
        yield ("SearchType", entity.name.upper()), giver
        yield from ((("TimelineKind", said.kind), giver) for said in entity.timeline)
    for kind in (events or {}).values():
        yield ("EventType", kind.key.replace(".", "_").upper()), Giver(kind.plugin, kind.since)


def _dated(giver: Giver) -> Giver:
    own = giver.plugin == CORE or giver.plugin in BUILT_IN
    return Giver(giver.plugin, giver.since or (_FIRST if own else None))
