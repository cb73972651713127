"""Which part of a timeline a page is: merged of as many short ranges as there are sources, however long each source is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.arguments.values import from_cursor
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feeds.entries import Bounds, Entries, entries
from crmcore.graphql.planner.lists.sizes import limit

__all__ = ["KEYS", "MARK", "NewestFirst", "feed_of"]

#: The order of entries, the greatest first; the kind tells apart records of two types that have one id.
KEYS = (("at", kinds.INSTANT), ("id", kinds.ID), ("kind", kinds.TEXT))
#: What cursors of timelines carry to be refused by other lists.
MARK = "timeline"

_KEY = "({at}, {id}, {kind})"
_NOTHING = "1 = 0"


@dataclass(frozen=True, slots=True)
class NewestFirst:
    """A part of a timeline.

    Attributes:

        compilation: the statement.
        sources: what it is merged of; several may be of one entity.
        period: the conditions of `since` and `until`.
        after, before: SQL of the cursors' keys.
        size: SQL for the number of entries.
        backwards: whether they are counted from the end.
    """

    compilation: Compilation
    sources: tuple[Entries, ...]
    period: Bounds
    after: str | None
    before: str | None
    size: str
    backwards: bool

    @property
    def entities(self) -> tuple[str, ...]:
        """Names of the entities whose records may be entries."""
        return tuple(dict.fromkeys(source.entity for source in self.sources))

    @property
    def page(self) -> str:
        """A select of the page's entries: `kind`, `entity`, `id` and `at`."""
        order = ", ".join(name if self.backwards else f"{name} desc" for name, _ in KEYS)
        ends = self._first(self._between, self.size, oldest=self.backwards)
        return f"{ends} order by {order} limit {self.size}"

    @property
    def count(self) -> str:
        """SQL for how many entries the whole timeline has."""
        return f"({' + '.join(f'(select count(*) from {s.every(self.period)})' for s in self.sources) or '0'})"

    def more(self, *, at_end: bool) -> str:
        """Return the condition that entries lie beyond one end: cut off by the limit, or by the cursor at that end."""
        if not self.sources:
            return _NOTHING
        ways = []
        if at_end is not self.backwards:
            ways.append(f"exists ({self._cut} limit 1 offset {self.size})")
        if cursor := self.before if at_end else self.after:
            beyond = (*self.period, f"{_KEY} {'<=' if at_end else '>='} {cursor}")
            ways.append(f"exists ({self._first(beyond, '1', oldest=not at_end)})")
        return " or ".join(ways) or _NOTHING

    @property
    def _cut(self) -> str:
        if self.before if self.backwards else self.after:
            return self._first(self._between, f"{self.size} + 1", oldest=self.backwards)
        # Without an order, which is shorter for SQLite's parser: that there are more does not depend on which these are.
        return " union all ".join(f"select 1 from {source.every(self._between)}" for source in self.sources)

    @property
    def _between(self) -> Bounds:
        cursors = ((self.after, "<"), (self.before, ">"))
        return (*self.period, *(f"{_KEY} {sign} {key}" for key, sign in cursors if key))

    def _first(self, bounds: Bounds, size: str, *, oldest: bool) -> str:
        """Return a select of so many entries of each source, from one end; among them are the first of all.

        It is a compound that may be followed by order and limit.
        """
        dialect, alias = self.compilation.request.dialect, self.compilation.related.alias
        selects = [source.first(dialect, alias(), bounds, size, oldest=oldest) for source in self.sources]
        if not selects:
            columns = (f"cast(null as {kind.postgresql}) as {name}" for name, kind in (*KEYS, ("entity", kinds.TEXT)))
            selects = [f"select {', '.join(columns)} where {_NOTHING}"]
        return " union all ".join(selects)


def feed_of(compilation: Compilation, feed: f.Feed, given: Given, parent: str) -> NewestFirst:
    """Return the part of a record's timeline that the arguments name.

    Args:

        compilation: the statement.
        feed: the sources.
        given: the arguments.
        parent: the record's alias.

    Raises:

        Invalid: the arguments contradict each other, or a cursor is of another list.
    """
    size, backwards = limit(compilation, given)
    since, until = given.get("since"), given.get("until")
    period = (
        *((f"{{at}} >= {_instant(compilation, since)}",) if since else ()),
        *((f"{{at}} < {_instant(compilation, until)}",) if until else ()),
    )
    after, before = (_key(compilation, given.get(name)) for name in ("after", "before"))
    sources = _sources(compilation, feed, given, parent)
    return NewestFirst(compilation, sources, period, after, before, size, backwards)


def _sources(compilation: Compilation, feed: f.Feed, given: Given, parent: str) -> tuple[Entries, ...]:
    asked, related = given.get("kinds"), compilation.related
    found = (
        entries(related, related.entities[name], said, parent)
        for name, said in feed.sources
        if asked is None or said.kind in asked.names
    )
    return tuple(source for source in found if source is not None)


def _instant(compilation: Compilation, given: Given) -> str:
    return compilation.binder.bind(given.reader(), kinds.INSTANT, given.place)


def _key(compilation: Compilation, cursor: Given | None) -> str | None:
    if cursor is None:
        return None
    if len(cursor.nulls) != len(KEYS) + 1 or any(cursor.nulls):
        raise _foreign(cursor)
    bind, place = compilation.binder.bind, cursor.place
    bound = [bind(cursor.reader(_reader(cursor, i, kind)), kind, place) for i, (_, kind) in enumerate(KEYS, 1)]
    return f"({', '.join(bound)})"


def _reader(cursor: Given, position: int, kind: Kind) -> Callable[[list[Any]], Any]:
    def read(keys: list[Any]) -> Any:
        if keys[0] != MARK:
            raise _foreign(cursor)
        return from_cursor(kind, keys[position])

    return read


def _foreign(cursor: Given) -> Invalid:
    msg = "This cursor belongs to another list; take one that a timeline has given."
    return Invalid.at(cursor.path, "CURSOR_OF_ANOTHER_ORDER", msg)
