"""What stands behind a mutation: from coerced arguments to a unit of work, from its result to what the client sees.

A result holds the ids of records, not the records: these are read when it is shown.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.access.actor import Actor
from crmcore.database import ids
from crmcore.database.connection import Isolation
from crmcore.entities import refused
from crmcore.entities.action import Last
from crmcore.entities.batch import Mode, Outcome, batch
from crmcore.entities.entity import Entity
from crmcore.entities.idempotency import Once
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Refusal
from crmcore.graphql.mutations.values import Granted, Value
from crmcore.graphql.types.problem import as_problem

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["BatchWrite", "DestroyWrite", "RecordWrite", "Unit", "Write", "relocate"]

#: A unit of work that gives a result.
Unit = Callable[[Work], Awaitable[Any]]
#: Writes one record.
Call = Callable[[Work], Awaitable[Row]]


class Write(ABC):
    """Backing of a mutation's field."""

    @property
    def keeps(self) -> bool:
        """Whether the outcome is kept with an idempotency key; what takes secrets is done once more instead."""
        return True

    @abstractmethod
    def unit(self, given: Mapping[str, Any]) -> Unit:
        """Read the arguments, coerced, by GraphQL name, into a unit of work.

        Raises:

            Invalid: an argument cannot be what it says.
        """

    @property
    def shares(self) -> bool:
        """Whether `shared` may have a way."""
        return False

    async def shared(
        self,
        crm: Crm,  # noqa: ARG002 - most have no way
        actor: Actor,  # noqa: ARG002
        given: Mapping[str, Any],  # noqa: ARG002
        request_id: str | None,  # noqa: ARG002
        once: Once | None,  # noqa: ARG002
        last: Last | None,  # noqa: ARG002
    ) -> Any:
        """Do it in a transaction shared with others who ask at the same time; None if it is to have one of its own."""
        return None

    @abstractmethod
    def shown(self, result: Any) -> Any:
        """Turn the unit's result into a record or a `Value`."""

    def record(self, result: Any) -> Granted | None:  # noqa: ARG002 - most have something else
        """Return the record that is shown, if the result is one that was written and nothing else; None if it is not."""
        return None

    @property
    def forgetful(self) -> bool:
        """Whether an argument is secret, so that no idempotency key is kept."""
        return False

    @property
    def isolation(self) -> Isolation:
        """Of the transaction it runs in."""
        return "repeatable read"

    def kept(self, result: Any) -> Any:
        """Turn the unit's result into JSON, which is kept with an idempotency key."""
        return result

    def restored(self, outcome: Any) -> Any:
        """Turn that JSON back."""
        return outcome


@dataclass(frozen=True)
class RecordWrite(Write):
    """One record is written and shown.

    Attributes:

        call: from the arguments to what writes it.
        data: name of the argument that holds the record's fields, empty if there is none.
    """

    entity: Entity
    call: Callable[[Mapping[str, Any]], Call]
    data: str = ""

    def unit(self, given: Mapping[str, Any]) -> Unit:
        """See `Write`."""
        call = self.call(given)

        async def write(work: Work) -> UUID:
            try:
                row = await call(work)
            except Refusal as refusal:
                relocate(refusal, self.entity, self.data)
                raise
            id: UUID = row["id"]
            return id

        return write

    def kept(self, result: Any) -> Any:
        """See `Write`."""
        return str(result)

    def restored(self, outcome: Any) -> Any:
        """See `Write`."""
        return ids.read(outcome)

    def shown(self, result: Any) -> Any:
        """See `Write`."""
        return self.record(result)

    def record(self, result: Any) -> Granted | None:
        """See `Write`."""
        return Granted(self.entity.name, result)


@dataclass(frozen=True)
class DestroyWrite(RecordWrite):
    """One record is removed for ever; its id is shown."""

    def shown(self, result: Any) -> Any:
        """See `Write`."""
        return Value("Destroyed", {"destroyedId": ids.encode(self.entity.name, result)})

    def record(self, result: Any) -> None:  # noqa: ARG002 - it is gone
        """See `Write`."""
        return


@dataclass(frozen=True)
class BatchWrite(Write):
    """Many records are written, and what became of each is shown.

    Attributes:

        items: name of the argument that lists them (`data` or `ids`).
        call: from an item and all arguments to what writes it.
        data: name of the item's field that holds the record's fields, empty if it is the item itself.
    """

    entity: Entity
    items: str
    call: Callable[[Any, Mapping[str, Any]], Call]
    data: str = ""

    def unit(self, given: Mapping[str, Any]) -> Unit:
        """See `Write`. An argument that cannot be read is its row's refusal, so reading happens in the unit."""
        items, mode = given[self.items], Mode[given["mode"].name]

        async def write(work: Work) -> list[Any]:
            calls = [self._one(work, item, given) for item in items]
            try:
                return [self._kept(o) for o in await batch(work, calls, mode)]
            except Refusal as refusal:
                raise _under(refusal, self.items) from refusal

        return write

    def _one(self, work: Work, item: Any, given: Mapping[str, Any]) -> Callable[[], Awaitable[Row]]:
        async def write() -> Row:
            call = self.call(item, given)
            try:
                return await call(work)
            except Refusal as refusal:
                relocate(refusal, self.entity, self.data)
                raise

        return write

    def _kept(self, outcome: Outcome) -> Any:
        if outcome.row is not None:
            return str(outcome.row["id"])
        assert outcome.refusal is not None
        return refused.kept(_under(outcome.refusal, f"{self.items}.{outcome.index}"))

    def shown(self, result: Any) -> Value:
        """See `Write`."""
        name = self.entity.type_name
        rows = [Value(f"{name}BatchRow", {"index": i, **self._row(kept)}) for i, kept in enumerate(result)]
        failed = sum(isinstance(kept, list) for kept in result)
        return Value(f"{name}Batch", {"results": rows, "succeeded": len(rows) - failed, "failed": failed})

    def _row(self, kept: Any) -> dict[str, Any]:
        if isinstance(kept, str):
            return {"record": Granted(self.entity.name, UUID(kept)), "problem": None}
        return {"record": None, "problem": as_problem(refused.restored(kept))}


def relocate(refusal: Refusal, entity: Entity, prefix: str) -> None:
    """Put `prefix` before the paths of violations that name the entity's fields, since these stood below it in the input."""
    if prefix and refusal.violations:
        names = {f.name for f in entity.own_fields}
        refusal.violations = tuple(
            replace(v, path=f"{prefix}.{v.path}") if v.path.split(".")[0] in names else v for v in refusal.violations
        )


def _under(refusal: Refusal, prefix: str) -> Refusal:
    refusal.violations = tuple(replace(v, path=f"{prefix}.{v.path}".rstrip(".")) for v in refusal.violations)
    return refusal
