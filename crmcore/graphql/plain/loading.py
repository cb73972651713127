"""Records that plain resolvers refer to, read by the planner with what the client selected of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode
from graphql.execution.values import VariableValues
from strawberry.dataloader import DataLoader

from crmcore.access.actor import Actor
from crmcore.entities.action import RecordRef
from crmcore.graphql.plain.reduction import TYPE_KEY, Reduction
from crmcore.graphql.values import Granted

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Loaded", "Reader"]

#: A record as JSON by response key, with its type under `TYPE_KEY`.
Loaded = dict[str, Any]


class Reader:
    """Reads the records of one operation; those asked for in the same moment for the same place in one statement."""

    def __init__(self, crm: Crm, actor: Actor, reduction: Reduction, variables: VariableValues) -> None:
        self._crm = crm
        self._actor = actor
        self._reduction = reduction
        self._variables = variables
        self._loaders: dict[Any, DataLoader[RecordRef, Loaded | None]] = {}

    async def read(self, record: RecordRef, nodes: Sequence[FieldNode]) -> Loaded | None:
        """Return a record; None if there is none, or the actor may not see it."""
        place = (type(record), record.entity, tuple(map(id, nodes)))
        if place not in self._loaders:
            self._loaders[place] = DataLoader(lambda records: self._many(records, nodes))
        return await self._loaders[place].load(record)

    async def _many(self, records: list[RecordRef], nodes: Sequence[FieldNode]) -> list[Loaded | None]:
        first = records[0]
        reduced = [self._reduction.node(n) for n in nodes]
        texts = await self._crm.planner.read_records(
            self._crm.database,
            first.entity,
            [r.id for r in records],
            reduced,
            self._reduction.fragments,
            self._variables,
            self._actor,
            after_write=isinstance(first, Granted),
        )
        type_name = self._crm.entities[first.entity].type_name
        return [None if text is None else {**msgspec.json.decode(text), TYPE_KEY: type_name} for text in texts]
