"""Answers that show all that a look-up says something of: what is shown is opened and compared, and nothing is read beside it.

A list whose records were found by a sealed value, and which shows that value of each of them, counts nothing and says nothing
of what lies beyond its page, needs no more: what is not shown does not matter, and what is shown is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from crmcore.entities.sealing import ERASED, Found, is_sealed
from crmcore.errors import Refusal
from crmcore.graphql.planner.place import LIST
from crmcore.graphql.planner.plan import Edge, Items, Literal, Node, Obj, Page, Whose
from crmcore.graphql.planner.sealed.batch import OWNER, PLAIN, Value, is_bare, owner_of, show

if TYPE_CHECKING:
    from crmcore.entities.sealing import LookedFor, Reading
    from crmcore.graphql.planner.dialect import Dialect
    from crmcore.graphql.planner.sealed.opening import Opening
    from crmcore.graphql.planner.sealed.within import Within

__all__ = ["Shown", "shown_by"]

#: As `batch.cell`.
_found: Callable[[tuple[str, bytes, Any]], Found] = partial(tuple.__new__, Found)


class Field(NamedTuple):
    """One sealed field of a list's records.

    Attributes:

        key: under which it stands.
        column: of which it is.
        read: what makes Python's value of one that is not sealed yet; None if it is that already.
        bare: whether clients see the value as it was opened.
        value: for those that they see otherwise.
    """

    key: str
    column: str
    read: Callable[[Any], Any] | None
    bare: bool
    value: Value


class Shown(msgspec.Struct, frozen=True, eq=False):
    """The records of a list that were found by a sealed value and show it.

    Attributes:

        root: response key of the root they stand in.
        list: under which key of it they are listed.
        node: under which key each of the list has its record; None where it is the record.
        column: of the value they were found by.
        opening: what else of them is opened.
        fields: what of them is sealed.
    """

    root: str
    list: str
    node: str | None
    column: str
    opening: Opening
    fields: tuple[Field, ...]

    async def open(self, page: Any, looked_for: LookedFor, reading: Reading | None) -> bool:
        """Open what is shown, in the root's value that was read as JSON, which is changed.

        Returns:

            False if one of the records has another value than those that are looked for, or something of it cannot be opened.
        """
        objects = page[self.list] if self.node is None else [each[self.node] for each in page[self.list]]
        found: list[Found] = []
        places: list[tuple[Field, dict[str, Any]]] = []
        for each in objects:
            owner = owner_of(each.pop(OWNER))
            for field in self.fields:
                key, column, read, _, _ = field
                stored = each[key]
                if stored is None:
                    if column == self.column:
                        return False
                    continue
                value = stored if read is None or is_sealed(stored) else read(stored)
                found.append(_found((column, owner, value)))
                places.append((field, each))
        try:
            values = await looked_for.opened(found, reading)
        except Refusal:
            # Whoever looks the values up before is refused as well, and says where.
            return False
        if values is None:
            return False
        if self.opening.masked:
            self._mask(objects)
        for (field, each), one in zip(places, values, strict=True):
            if field.bare and one is not ERASED:
                each[field.key] = one
            else:
                show(field.value, (each,), (one,))
        return True

    def _mask(self, objects: Sequence[dict[str, Any]]) -> None:
        for value in self.opening.masked:
            show(value, objects, [each[value.key] for each in objects])


def shown_by(
    nodes: Iterable[tuple[str, Node]], within: Sequence[Within], openings: Sequence[Opening], dialect: Dialect
) -> tuple[Shown, ...]:
    """Return where each of some look-ups is shown; nothing unless that is so of all of them, each in a place of its own.

    Args:

        nodes: the roots by response key.
        within: the look-ups.
        openings: of all roots.
        dialect: the database's.
    """
    pages = [(key, node) for key, node in nodes if isinstance(node, Page) and _of_its_records_alone(node)]
    found = tuple(filter(None, (_shown(pages, one, openings, dialect) for one in within)))
    trails = {one.opening.trail for one in found}
    return found if len(trails) == len(within) else ()


def _shown(
    pages: Iterable[tuple[str, Page]], within: Within, openings: Sequence[Opening], dialect: Dialect
) -> Shown | None:
    for key, page in pages:
        if not dialect.only_found(page.rows, within.ids):
            continue
        ways = {(key, inner, LIST, *(() if node is None else (node,))): (inner, node) for inner, node in _records(page)}
        for opening in openings:
            columns = {value.stored.column for value in opening.sealed}
            if opening.trail in ways and within.column in columns and not opening.past:
                return Shown(key, *ways[opening.trail], within.column, opening, tuple(map(_field, opening.sealed)))
    return None


def _field(value: Value) -> Field:
    stored = value.stored
    return Field(value.key, stored.column, PLAIN.get(stored.kind.name), is_bare(stored), value)


def _of_its_records_alone(page: Page) -> bool:
    """Say whether nothing is said of records that are not on the page."""

    def alone(node: Node) -> bool:
        return isinstance(node, Items | Edge | Literal) or (
            isinstance(node, Obj) and all(alone(inner) for _, inner in node.members)
        )

    return alone(page.value)


def _records(page: Page) -> Iterator[tuple[str, str | None]]:
    """Yield where the page's own records stand in it, if they have anything to open: see `Shown.list` and `Shown.node`."""
    for key, node in page.value.members:
        if isinstance(node, Items) and isinstance(node.value, Obj):
            if _is_record(node.value, page):
                yield key, None
            for inner_key, inner in node.value.members:
                if isinstance(inner, Obj) and _is_record(inner, page):
                    yield key, inner_key


def _is_record(value: Obj, page: Page) -> bool:
    return any(
        key == OWNER and isinstance(node, Whose) and node.id == f"{page.rows.alias}.id" for key, node in value.members
    )
