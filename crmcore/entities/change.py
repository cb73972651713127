"""One change to a record while it is decided: what was, what will be, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from crmcore.entities.entity import Entity, camel
from crmcore.errors import Invalid, Violation

__all__ = ["Change", "Verb"]

Verb = Literal["create", "update", "delete", "restore", "destroy"]


@dataclass(slots=True)
class Change:
    """What an entity's `prepare` looks at and completes.

    Attributes:

        entity: which entity.
        kind: the verb.
        id: the record.
        before: the row as it is; None on create.
        values: what will be written, by column. `prepare` may add, replace and remove.
        given: the columns the caller named, before anything was added.
        violations: what is wrong so far; all are reported together.
        context: what a named action hands to `prepare` beyond columns (a move's note, a stage map).
        defined: the definitions of its custom fields, None if nobody has looked yet.
    """

    entity: Entity
    kind: Verb
    id: UUID
    before: Mapping[str, Any] | None
    values: dict[str, Any]
    given: frozenset[str] = frozenset()
    violations: list[Violation] = field(default_factory=list)
    context: Mapping[str, Any] = field(default_factory=dict)
    defined: list[Mapping[str, Any]] | None = None

    def get(self, column: str) -> Any:
        """Return what the column will hold."""
        if column in self.values:
            return self.values[column]
        return self.before[column] if self.before is not None else None

    def was(self, column: str) -> Any:
        """Return what the column held; None on create."""
        return self.before[column] if self.before is not None else None

    def changed(self, column: str) -> bool:
        """Say whether the column will hold something else than before (on create: anything but null)."""
        return column in self.values and self.values[column] != self.was(column)

    def refuse(self, column: str, code: str, message: str) -> None:
        """Note a violation; the path is the column in GraphQL spelling."""
        self.violations.append(Violation(camel(column), code, message))

    def settle(self) -> None:
        """End the deciding.

        Raises:

            Invalid: something speaks against the change.
        """
        if self.violations:
            raise Invalid.of(self.violations)
