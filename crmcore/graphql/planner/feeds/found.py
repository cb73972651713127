"""What a search finds, as SQL: for each tier a select for each entity, not run where the tiers before have filled the page."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from crmcore.access.rules import NO_ROW
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Bound
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.arguments.values import from_cursor, text
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feeds.hit import After, Hit
from crmcore.graphql.planner.feeds.reasons import open_parts
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.plan import Rows
from crmcore.search.asked import Asked, Mark, asked
from crmcore.search.terms import mark

__all__ = ["MARK", "checked", "digest", "found", "place_after"]

#: What cursors of search carry to be refused by other lists.
MARK = "search"
_TIERS = (1, 2, 3)
_QUESTIONS: dict[int, Callable[[Asked], str]] = {
    1: lambda it: it.exact,
    2: lambda it: it.beginning,
    3: lambda it: it.containing,
}
_LONGEST_QUERY = 200


def checked(query: str) -> str:
    """Return a query that is not too long.

    Raises:

        Invalid: it is, or no text at all.
    """
    if len(query) > _LONGEST_QUERY:
        msg = f"query has {len(query)} characters; give at most {_LONGEST_QUERY}: a few words find what there is."
        raise Invalid.at("", "TOO_LONG", msg)
    return text(query)


def digest(query: str) -> str:
    """Return what a cursor carries to be refused with another query."""
    return blake2b(query.encode(), digest_size=6).hexdigest()


def found(
    compilation: Compilation,
    entities: list[Entity],
    read: Callable[[Bound], str],
    size: str,
    after: After | None,
    here: Here,
) -> str:
    """Return a select of what is found in all tiers; each has at most so many records.

    Args:

        compilation: the statement.
        entities: whose records are looked for.
        read: reads the query from a request.
        size: SQL for the number of records.
        after: only what follows it.
        here: where the field stands.
    """
    sources = [_Source(compilation, entity, read, here) for entity in entities]
    readable = [source for source in sources if NO_ROW not in source.rows.where] or sources[:1]
    parts: list[str] = []
    before: list[str] = []
    for tier in _TIERS:
        unless = f"({' + '.join(before)} >= {size})" if before else None
        hits = [source.hits(tier, size, after, unless) for source in readable]
        parts.append(
            f"found{tier} as materialized (select * from ({' union all '.join(hits)}) h order by position desc limit {size})"
        )
        before.append(f"(select count(*) from found{tier})")
    every = " union all ".join(f"select * from found{tier}" for tier in _TIERS)
    return f"with {', '.join(parts)} {every}"


class _Source:
    """An entity whose records may be found."""

    def __init__(self, compilation: Compilation, entity: Entity, read: Callable[[Bound], str], here: Here) -> None:
        self._compilation, self._entity, self._read, self._here = compilation, entity, read, here
        alias = compilation.related.alias()
        self.rows = Rows(entity.tablename, alias, compilation.related.live(entity, alias))
        self._marks = tuple(
            Mark(mark(part.entity.name, column), part.prose(column))
            for part, columns in open_parts(compilation, entity)
            for column in columns
        )

    def hits(self, tier: int, size: str, after: After | None, unless: str | None) -> str:
        dialect, marks, read, question = self._compilation.request.dialect, self._marks, self._read, _QUESTIONS[tier]
        placeholder = self._compilation.binder.bind(
            lambda bound: question(asked(read(bound), marks, dialect.language)), kinds.TEXT, self._here.place
        )
        return dialect.hits(Hit(self._entity.name, self.rows, placeholder, tier, size, after, unless))


def place_after(compilation: Compilation, given: Given, read: Callable[[Bound], str]) -> After | None:
    """Return where the page begins, None for the first page.

    Raises:

        Invalid: the cursor is not one of a search.
    """
    cursor = given.get("after")
    if cursor is None:
        return None
    if len(cursor.nulls) != 4 or any(cursor.nulls):
        raise _foreign(cursor)

    def bound(position: int, kind: Kind) -> str:
        keys = cursor.reader()

        def key(bound: Bound) -> Any:
            given = keys(bound)
            if given[0] != MARK or given[3] != digest(read(bound)):
                raise _foreign(cursor)
            return from_cursor(kind, given[position])

        return compilation.binder.bind(key, kind, cursor.place)

    return After(bound(1, kinds.INT), bound(2, compilation.request.dialect.position))


def _foreign(cursor: Given) -> Invalid:
    msg = "This cursor belongs to another list or to another query; start again without one when you change the query."
    return Invalid.at(cursor.path, "CURSOR_OF_ANOTHER_ORDER", msg)
