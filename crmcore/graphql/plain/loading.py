"""Records that plain resolvers refer to, read by the planner with what the client selected of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode, GraphQLError
from graphql.execution.values import VariableValues
from strawberry.dataloader import DataLoader

from crmcore.access.actor import Actor
from crmcore.entities.action import RecordRef
from crmcore.graphql.mutations.values import Granted
from crmcore.graphql.plain.reduction import TYPE_KEY, Reduction
from crmcore.graphql.planner import ReadRecord
from crmcore.graphql.requests.faults import below

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Loaded", "Reader"]

#: A record as JSON by response key, with its type under `TYPE_KEY`.
Loaded = dict[str, Any]
_Path = Sequence[str | int]


class Reader:
    """Reads the records of one operation; those asked for in the same moment for the same place in one statement.

    Attributes:

        errors: of what became null in them, each with its path.
    """

    def __init__(
        self,
        crm: Crm,
        actor: Actor,
        reduction: Reduction,
        variables: VariableValues,
        request_id: str | None = None,
    ) -> None:
        self._crm = crm
        self._actor = actor
        self._reduction = reduction
        self._variables = variables
        self._request_id = request_id
        self._loaders: dict[Any, DataLoader[RecordRef, ReadRecord]] = {}
        self.errors: list[GraphQLError] = []

    async def read(self, record: RecordRef, nodes: Sequence[FieldNode], path: _Path) -> Loaded | None:
        """Return a record for a place of the answer; None if there is none, or the actor may not see it.

        Raises:

            GraphQLError: it is null for an error in it.
        """
        place = (type(record), record.entity, tuple(map(id, nodes)))
        if place not in self._loaders:
            self._loaders[place] = DataLoader(lambda records: self._many(records, nodes))
        read = await self._loaders[place].load(record)
        errors = [below(error, path) for error in read.errors]
        if read.text is None and errors:
            self.errors += errors[:-1]
            raise errors[-1]
        self.errors += errors
        type_name = self._crm.entities[record.entity].type_name
        return None if read.text is None else {**msgspec.json.decode(read.text), TYPE_KEY: type_name}

    async def _many(self, records: list[RecordRef], nodes: Sequence[FieldNode]) -> list[ReadRecord]:
        first = records[0]
        return await self._crm.planner.read_records(
            self._crm.database,
            first.entity,
            [r.id for r in records],
            [self._reduction.node(n) for n in nodes],
            self._reduction.fragments,
            self._variables,
            self._actor,
            after_write=isinstance(first, Granted),
            request_id=self._request_id,
        )
