"""PostgreSQL's operators and values; its JSON is made in `json`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from crmcore.entities.kinds import Kind
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.plan import Node, OneOf
from crmcore.graphql.planner.postgresql.json import Json

__all__ = ["Postgresql"]

_SPECIAL = re.compile(r"([\\%_])")


class Postgresql(Dialect):
    """PostgreSQL from 13 on, and databases that speak its SQL."""

    name = "postgresql"

    def placeholder(self, number: int, kind: Kind | None, *, many: bool) -> str:
        if kind is None:
            return f"${number}"
        return f"${number}::{kind.postgresql.lower()}{'[]' if many else ''}"

    def converter(self, kind: Kind, *, many: bool) -> Callable[[Any], Any] | None:
        """Return None: asyncpg takes Python's values."""

    def distinct(self, left: str, right: str) -> str:
        return f"{left} is distinct from {right}"

    def among(self, sql: str, placeholder: str) -> str:
        return f"{sql} = any({placeholder})"

    def pattern(self, operator: str) -> Callable[[str], str]:
        before = "" if operator == "startsWith" else "%"
        after = "" if operator == "endsWith" else "%"
        return lambda text: before + _SPECIAL.sub(r"\\\1", text) + after

    def matches(self, operator: str, sql: str, placeholder: str) -> str:  # noqa: ARG002 - the pattern says it
        return f"{sql} ilike {placeholder}"

    def statement(self, roots: Sequence[Node]) -> str:
        return "select " + ", ".join(Json().root(root) for root in roots)

    def too_complex(self, error: Exception) -> bool:
        # Class 54: program limit exceeded.
        return str(getattr(error, "sqlstate", "")).startswith("54")

    def records(self, one: OneOf) -> str:
        return Json().records(one)
