"""SQLite's operators and values; its JSON is made in `json`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from crmcore.entities.kinds import Kind
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.plan import Node, OneOf, Page
from crmcore.graphql.planner.sqlite.json import JsonText

__all__ = ["Sqlite"]

_TOO_COMPLEX = ("parser stack overflow", "tables in a join", "Expression tree is too large", "too many", "too big")


class Sqlite(Dialect):
    """SQLite from 3.38 on; `Database` gives its connections the functions `crm_fold` and `crm_float`."""

    name = "sqlite"

    def placeholder(self, number: int, kind: Kind | None, *, many: bool) -> str:  # noqa: ARG002 - values have types here
        return f"${number}"

    def converter(self, kind: Kind, *, many: bool) -> Callable[[Any], Any] | None:
        if not many:
            return None
        return lambda values: json.dumps([kind.write(value) for value in values])

    def distinct(self, left: str, right: str) -> str:
        return f"{left} is not {right}"

    def among(self, sql: str, placeholder: str) -> str:
        return f"{sql} in (select value from json_each({placeholder}))"

    def pattern(self, operator: str) -> Callable[[str], str]:  # noqa: ARG002 - the condition says it
        return str.casefold

    def matches(self, operator: str, sql: str, placeholder: str) -> str:
        # Not by LIKE: it folds ASCII letters only.
        folded = f"crm_fold({sql})"
        if operator == "contains":
            return f"instr({folded}, {placeholder}) > 0"
        if operator == "startsWith":
            return f"substr({folded}, 1, length({placeholder})) = {placeholder}"
        # substr(x, -0) would be the whole text.
        return f"({placeholder} = '' or substr({folded}, -length({placeholder})) = {placeholder})"

    def statement(self, roots: Sequence[Node]) -> str:
        texts = [JsonText().root(root) for root in roots]
        # A page is an aggregate, so its select has one row in any case and need not stand in another one.
        alone = len(roots) == 1 and isinstance(roots[0], Page) and texts[0].startswith("(select ")
        return texts[0][1:-1] if alone else f"select {', '.join(texts)}"

    def too_complex(self, error: Exception) -> bool:
        return isinstance(error, sqlite3.OperationalError) and any(words in str(error) for words in _TOO_COMPLEX)

    def records(self, one: OneOf) -> str:
        return JsonText().select(one, f"{one.rows.alias}.id, ")
