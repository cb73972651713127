"""What the planner gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import GraphQLError

__all__ = ["Explanation", "ReadRecord", "ReadResult"]


class ReadResult(msgspec.Struct, frozen=True):
    """An answer.

    Attributes:

        fields: JSON text by response key, in the order of the answer; None when an error made all of it null.
        errors: what could not be read.
    """

    fields: Mapping[str, str] | None
    errors: list[GraphQLError]

    @property
    def json(self) -> str:
        """The text of `data`."""
        if self.fields is None:
            return "null"
        return "{" + ",".join([f'"{key}":{text}' for key, text in self.fields.items()]) + "}"


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record of a payload.

    Attributes:

        text: its JSON text; None where there is none, where the actor may not see it, or where an error made it null.
        errors: of what became null in it; paths start at the record.
    """

    text: str | None
    errors: tuple[GraphQLError, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The statement of an operation.

    Attributes:

        sql: its text; empty when no database is needed.
        parameters: what is bound to `$1`, `$2` and so on.
        errors: root fields that cannot be read, and why.
    """

    sql: str
    parameters: tuple[Any, ...]
    errors: tuple[GraphQLError, ...]
