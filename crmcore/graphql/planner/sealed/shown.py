"""Answers that show all that a look-up says something of: what is shown is opened and compared, and nothing is read beside it.

A list whose records were found by a sealed value, and which shows that value of each of them, counts nothing and says nothing
of what lies beyond its page, needs no more: what is not shown does not matter, and what is shown is compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from crmcore.database import ids
from crmcore.entities.entity import Entity
from crmcore.entities.sealing import MARK, Cell
from crmcore.errors import Refusal
from crmcore.graphql.planner.answers.walk import objects as objects_of
from crmcore.graphql.planner.place import LIST
from crmcore.graphql.planner.plan import Edge, Items, Literal, Node, Obj, Page, Whose
from crmcore.graphql.planner.sealed.batch import OWNER, cell, python_value, show

if TYPE_CHECKING:
    from uuid import UUID

    from crmcore.entities.sealing import LookedFor, Reading
    from crmcore.graphql.planner.dialect import Dialect
    from crmcore.graphql.planner.place import Trail
    from crmcore.graphql.planner.sealed.batch import Value
    from crmcore.graphql.planner.sealed.opening import Opening
    from crmcore.graphql.planner.sealed.within import Within

__all__ = ["Shown", "shown_by"]


class Shown(msgspec.Struct, frozen=True, eq=False):
    """The records of a list that were found by a sealed value and show it.

    Attributes:

        entity: whose records.
        column: of the value.
        opening: what else of them is opened.
    """

    entity: Entity
    column: str
    opening: Opening

    async def open(self, whole: Any, looked_for: LookedFor, reading: Reading | None) -> bool:
        """Open what is shown, in a value that was read as JSON, which is changed.

        Returns:

            False if one of the records has another value than those that are looked for, or something of it cannot be opened.
        """
        opening, column = self.opening, self.column
        objects = objects_of(whole, opening.trail)
        cells: list[Cell] = []
        places: list[tuple[Value, dict[str, Any]]] = []
        for each in objects:
            record, _, person = each.pop(OWNER).partition(" ")
            id = ids.read(record)
            subject: UUID | None = id if person == record else ids.read(person) if person else None
            for value in opening.sealed:
                stored = each[value.key]
                if stored is None:
                    if value.stored.column == column:
                        return False
                    continue
                if not (isinstance(stored, str) and stored.startswith(MARK)):
                    stored = python_value(value.stored.kind, stored)
                cells.append(cell((value.stored.column, id, subject, stored)))
                places.append((value, each))
        try:
            values = await looked_for.opened(cells, reading)
        except Refusal:
            # Whoever looks the values up before is refused as well, and says where.
            return False
        if values is None:
            return False
        for value in opening.masked:
            show(value, objects, [each[value.key] for each in objects])
        for (value, each), one in zip(places, values, strict=True):
            show(value, (each,), (one,))
        return True


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
        trails = {(key, *trail) for trail in _records(page)}
        for opening in openings:
            columns = {value.stored.column for value in opening.sealed}
            if opening.trail in trails and within.column in columns and not opening.past:
                return Shown(opening.entity, within.column, opening)
    return None


def _of_its_records_alone(page: Page) -> bool:
    """Say whether nothing is said of records that are not on the page."""

    def alone(node: Node) -> bool:
        return isinstance(node, Items | Edge | Literal) or (
            isinstance(node, Obj) and all(alone(inner) for _, inner in node.members)
        )

    return alone(page.value)


def _records(page: Page) -> Iterator[Trail]:
    """Yield where the page's own records stand in it, if they have anything to open."""
    for key, node in page.value.members:
        if isinstance(node, Items) and isinstance(node.value, Obj):
            if _is_record(node.value, page):
                yield (key, LIST)
            for inner_key, inner in node.value.members:
                if isinstance(inner, Obj) and _is_record(inner, page):
                    yield (key, LIST, inner_key)


def _is_record(value: Obj, page: Page) -> bool:
    return any(
        key == OWNER and isinstance(node, Whose) and node.id == f"{page.rows.alias}.id" for key, node in value.members
    )
