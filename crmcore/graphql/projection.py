"""The answer of a mutation as JSON: its values projected on what the client selected, its records read by the planner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode, GraphQLLeafType, GraphQLList, GraphQLNonNull, GraphQLObjectType, is_leaf_type
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.entities.action import RecordRef
from crmcore.graphql.planner.document import Operation
from crmcore.graphql.planner.selection import collect
from crmcore.graphql.values import Granted, attribute, type_name

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Projection"]


class Projection:
    """Projects values for one operation. Values of one place are taken together, so their records are one statement."""

    def __init__(self, crm: Crm, actor: Actor, operation: Operation, variables: VariableValues) -> None:
        self._crm = crm
        self._schema = crm.schema.graphql
        self._actor = actor
        self._operation = operation
        self._variables = variables

    async def of(self, type_: Any, values: Sequence[Any], nodes: list[FieldNode]) -> list[Any]:
        """Return JSON values; those of records are `msgspec.Raw`.

        Args:

            type_: the GraphQL type of the field that `nodes` select.
            values: of this type: scalars, lists, `Value`s, instances of Strawberry types, `RecordRef`s, None.
            nodes: the field, as often as it was selected under one response key.
        """
        if isinstance(type_, GraphQLNonNull):
            return await self.of(type_.of_type, values, nodes)
        if isinstance(type_, GraphQLList):
            return await self._lists(type_.of_type, values, nodes)
        if is_leaf_type(type_):
            return [self._leaf(type_, v) for v in values]
        done: list[Any] = [None] * len(values)
        for kind, places in _grouped(values).items():
            chosen = [values[i] for i in places]
            shown = await (
                self._records(chosen, nodes) if isinstance(chosen[0], RecordRef) else self._objects(kind, chosen, nodes)
            )
            for place, value in zip(places, shown, strict=True):
                done[place] = value
        return done

    async def _lists(self, type_: Any, values: Sequence[Any], nodes: list[FieldNode]) -> list[Any]:
        flat = iter(await self.of(type_, [item for v in values if v is not None for item in v], nodes))
        return [None if v is None else [next(flat) for _ in v] for v in values]

    @staticmethod
    def _leaf(type_: GraphQLLeafType, value: Any) -> Any:
        return None if value is None else type_.coerce_output_value(value)

    async def _records(self, records: list[RecordRef], nodes: list[FieldNode]) -> list[msgspec.Raw | None]:
        texts = await self._crm.planner.read_records(
            self._crm.database,
            records[0].entity,
            [r.id for r in records],
            nodes,
            self._operation.fragments,
            self._variables,
            self._actor,
            after_write=isinstance(records[0], Granted),
        )
        return [None if text is None else msgspec.Raw(text) for text in texts]

    async def _objects(self, name: str, values: list[Any], nodes: list[FieldNode]) -> list[Any]:
        type_ = self._schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        shown: list[dict[str, Any]] = [{} for _ in values]
        selected = collect(self._schema, type_, nodes, self._operation.fragments, self._variables)
        for key, below in selected.items():
            field = below[0].name.value
            if field == "__typename":
                column: list[Any] = [name] * len(values)
            else:
                definition = type_.fields[field]
                python_name = definition.extensions["strawberry-definition"].python_name
                inner = [attribute(v, field, python_name) for v in values]
                column = await self.of(definition.type, inner, below)
            for one, value in zip(shown, column, strict=True):
                one[key] = value
        return shown


def _grouped(values: Sequence[Any]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if value is not None:
            kind = f"{type(value).__name__}:{value.entity}" if isinstance(value, RecordRef) else type_name(value)
            groups.setdefault(kind, []).append(place)
    return groups
