"""The answer of a mutation as JSON: its values projected on what the client selected, its records read by the planner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    is_leaf_type,
)
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.entities.action import RecordRef
from crmcore.entities.sealing import Reading
from crmcore.graphql.mutations.values import Granted, attribute, type_name
from crmcore.graphql.planner.arguments.selection import collect
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.requests.faults import below

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Failed", "Path", "Projection"]

#: Response keys and list positions from the root.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """What may not be null, and is for an error: what holds it is null instead."""

    error: GraphQLError


class Projection:
    """Projects values for one operation. Values of one place are taken together, so their records are one statement.

    Attributes:

        errors: of what became null, each with its path.
    """

    def __init__(
        self,
        crm: Crm,
        actor: Actor,
        operation: Operation,
        variables: VariableValues,
        request_id: str | None = None,
        reading: Reading | None = None,
    ) -> None:
        self._crm = crm
        self._schema = crm.schema.graphql
        self._actor = actor
        self._operation = operation
        self._variables = variables
        self._request_id, self._reading = request_id, reading
        self.errors: list[GraphQLError] = []

    async def of(self, type_: Any, values: Sequence[Any], nodes: list[FieldNode], paths: Sequence[Path]) -> list[Any]:
        """Return JSON values; those of records are `msgspec.Raw`, and what may not be null but is for an error `Failed`.

        Args:

            type_: the GraphQL type of the field that `nodes` select.
            values: of this type: scalars, lists, `Value`s, instances of Strawberry types, `RecordRef`s, None.
            nodes: the field, as often as it was selected under one response key.
            paths: where each of the values stands.
        """
        if isinstance(type_, GraphQLNonNull):
            return await self._completed(type_.of_type, values, nodes, paths)
        return [self._told(v) for v in await self._completed(type_, values, nodes, paths)]

    def _told(self, value: Any) -> Any:
        if not isinstance(value, Failed):
            return value
        self.errors.append(value.error)
        return None

    async def _completed(
        self, type_: Any, values: Sequence[Any], nodes: list[FieldNode], paths: Sequence[Path]
    ) -> list[Any]:
        if isinstance(type_, GraphQLList):
            return await self._lists(type_.of_type, values, nodes, paths)
        if is_leaf_type(type_):
            return [self._leaf(type_, v) for v in values]
        done: list[Any] = [None] * len(values)
        for kind, places in _grouped(values).items():
            chosen, there = [values[i] for i in places], [paths[i] for i in places]
            records = isinstance(chosen[0], RecordRef)
            shown = await (
                self._records(chosen, nodes, there) if records else self._objects(kind, chosen, nodes, there)
            )
            for place, value in zip(places, shown, strict=True):
                done[place] = value
        return done

    async def _lists(
        self, type_: Any, values: Sequence[Any], nodes: list[FieldNode], paths: Sequence[Path]
    ) -> list[Any]:
        places = [(*path, i) for v, path in zip(values, paths, strict=True) if v is not None for i in range(len(v))]
        flat = iter(await self.of(type_, [item for v in values if v is not None for item in v], nodes, places))
        return [None if v is None else _unfailed([next(flat) for _ in v]) for v in values]

    @staticmethod
    def _leaf(type_: GraphQLLeafType, value: Any) -> Any:
        return None if value is None else type_.coerce_output_value(value)

    async def _records(self, records: list[RecordRef], nodes: list[FieldNode], paths: Sequence[Path]) -> list[Any]:
        read = await self._crm.planner.read_records(
            self._crm.database,
            records[0].entity,
            [r.id for r in records],
            nodes,
            self._operation.fragments,
            self._variables,
            self._actor,
            after_write=isinstance(records[0], Granted),
            request_id=self._request_id,
            reading=self._reading,
        )
        shown: list[Any] = []
        for record, path in zip(read, paths, strict=True):
            errors = [below(error, path) for error in record.errors]
            if record.text is None:
                shown.append(Failed(errors[-1]) if errors else None)
                errors = errors[:-1]
            else:
                shown.append(msgspec.Raw(record.text))
            self.errors += errors
        return shown

    async def _objects(self, name: str, values: list[Any], nodes: list[FieldNode], paths: Sequence[Path]) -> list[Any]:
        type_ = self._schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        shown: list[dict[str, Any]] = [{} for _ in values]
        selected = collect(self._schema, type_, nodes, self._operation.fragments, self._variables)
        for key, merged in selected.items():
            field = merged[0].name.value
            if field == "__typename":
                column: list[Any] = [name] * len(values)
            else:
                definition = type_.fields[field]
                python_name = definition.extensions["strawberry-definition"].python_name
                inner = [attribute(v, field, python_name) for v in values]
                column = await self.of(definition.type, inner, merged, [(*path, key) for path in paths])
            for one, value in zip(shown, column, strict=True):
                one[key] = value
        return [_unfailed(one) for one in shown]


def _unfailed(value: Any) -> Any:
    """Return an object or a list, the first failure in it if there is one."""
    parts = value.values() if isinstance(value, dict) else value
    return next((part for part in parts if isinstance(part, Failed)), value)


def _grouped(values: Sequence[Any]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for place, value in enumerate(values):
        if value is not None:
            kind = f"{type(value).__name__}:{value.entity}" if isinstance(value, RecordRef) else type_name(value)
            groups.setdefault(kind, []).append(place)
    return groups
