"""What a migration is: operations on tables, each of which knows the tables before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from crmcore.database.schema import TableSpec

if TYPE_CHECKING:
    from crmcore.database.facade import Database

__all__ = ["Irreversible", "Migration", "Misfit", "Operation", "State", "Step"]

#: A plugin's tables by name, as its migrations so far have made them.
State = Mapping[str, TableSpec]


class Misfit(Exception):
    """An operation does not fit the tables there are; the message says why and the way out."""


class Irreversible(Exception):
    """An operation cannot be taken back; the message says which and the way out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a migration does.

    Attributes:

        text: SQL, or a comment that says what Python does.
        work: what is called instead of running the text as SQL.
    """

    text: str
    work: Callable[[Database], Awaitable[Any]] | None = None


class Operation(Protocol):
    """One change. All three methods get the plugin's tables before the operation."""

    def after(self, state: State) -> State:
        """Return the tables after it.

        Raises:

            Misfit: it does not fit.
        """
        ...

    def steps(self, dialect: str, state: State) -> list[Step]:
        """Return what is to be done."""
        ...

    def reverse(self, state: State) -> Operation:
        """Return the operation that takes it back.

        Raises:

            Irreversible: there is none.
        """
        ...


@dataclass(frozen=True)
class Migration:
    """What a migration module calls `migration`.

    Attributes:

        operations: in order; all of them and the record that they ran are one transaction.
    """

    operations: Sequence[Operation] = field(default_factory=tuple)

    def after(self, state: State) -> State:
        """Return a plugin's tables after this migration."""
        for operation in self.operations:
            state = operation.after(state)
        return state

    def reverse(self, state: State) -> Migration:
        """Return the migration that takes this one back; `state` is what was before this one."""
        taken_back = []
        for operation in self.operations:
            taken_back.append(operation.reverse(state))
            state = operation.after(state)
        return Migration(taken_back[::-1])
