"""Statements as OpenTelemetry's spans, by its conventions for databases (semantic conventions 1.33, stable)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore.spans import Spans
    from crmcore.tracing import Attributes

__all__ = ["statement_span"]

#: What writes a table, or reads one that is no function; `for update` and `do update` are neither.
_PART = re.compile(
    r"\b(?:(select)\b"
    r"|(?:(insert)\s+into|(delete)\s+from|(?<!for )(?<!do )(update))\s+\"?([a-z_]\w*)"
    r"|(?:from|join)\s+\"?([a-z_]\w*)\b(?!\s*\())",
    re.IGNORECASE,
)
_NAMED_PART = re.compile(r"(\w+) as (?:materialized )?\(", re.IGNORECASE)
#: How long a summary may be, by the conventions.
_LONGEST = 255


def statement_span(spans: Spans, dialect: str, sql: str, seconds: float, failure: BaseException | None) -> None:
    """Make the span of a statement that has just ended; of its values nothing is told.

    Args:

        spans: what makes it.
        dialect: which database ran it.
        sql: its text, with placeholders.
        seconds: how long it took.
        failure: what ended it, None if it ended well.
    """
    name, attributes = _described(dialect, sql)
    spans.past(name, seconds, attributes, "client", failure)


@lru_cache(1024)
def _described(dialect: str, sql: str) -> tuple[str, Attributes]:
    summary = _summary(sql)
    return summary or "statement", {"db.system.name": dialect, "db.query.summary": summary, "db.query.text": sql}


def _summary(sql: str) -> str:
    """Say in few words what a statement does and to which tables, such as `INSERT deal SELECT stage`."""
    named = set(_NAMED_PART.findall(sql))
    words: dict[str, None] = {}
    for match in _PART.finditer(sql):
        select, insert, delete, update, written, read = match.groups()
        verb = (select or insert or delete or update or "").upper()
        table = written or read or ""
        if table not in named:
            words[f"{verb} {table}".strip()] = None
    return " ".join(words)[:_LONGEST]
