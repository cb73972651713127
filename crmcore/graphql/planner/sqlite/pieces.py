"""Texts in SQLite made by joining pieces, some of which are there only where a linked record is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from crmcore.graphql.planner.dialect import quote

__all__ = ["Piece", "guarded", "joined", "runs"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text.

    Attributes:

        sql: an expression that is never null; the text itself if `constant`.
        guard: condition without which the piece is empty.
        constant: whether it is known beforehand.
        column: whether it is a column of the sub-select, and can be used only outside of it.
    """

    sql: str
    guard: str | None = None
    constant: bool = False
    column: bool = False


def joined(pieces: Iterable[Piece]) -> str:
    """Return the expression that joins pieces."""
    groups = [guarded(guard, _concatenated(group)) for guard, group in groupby(pieces, lambda piece: piece.guard)]
    return " || ".join(groups) or "''"


def guarded(guard: str | None, sql: str) -> str:
    """Return a text that is empty where the guard does not hold."""
    return sql if guard is None else f"case when {guard} then {sql} else '' end"


def runs(pieces: Iterable[Piece]) -> list[tuple[bool, list[Piece]]]:
    """Part pieces into those that are columns and those between them."""
    return [(column, list(group)) for column, group in groupby(pieces, lambda piece: piece.column)]


def _concatenated(pieces: Iterable[Piece]) -> str:
    parts: list[tuple[bool, str]] = []
    for piece in pieces:
        if piece.constant and parts and parts[-1][0]:
            parts[-1] = (True, parts[-1][1] + piece.sql)
        else:
            parts.append((piece.constant, piece.sql))
    return " || ".join(quote(text) if constant else text for constant, text in parts)
