"""What a cursor says of the place it marks in a list."""

from __future__ import annotations

from typing import Any

from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Binder
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.arguments.values import from_cursor
from crmcore.graphql.planner.plan import Sorting

__all__ = ["place_of"]


def place_of(cursor: Given, order: tuple[Sorting, ...], mark: str, binder: Binder) -> list[str | None]:
    """Return SQL for each key of the order at the cursor, None for those that are null there.

    Args:

        cursor: the argument; its shape tells which keys are null.
        order: the list's keys.
        mark: the list's fingerprint.
        binder: takes the cursor's values.

    Raises:

        Invalid: the cursor has another number of keys, or lacks one that is never null.
    """
    nulls = cursor.nulls[1:]
    if len(nulls) != len(order) or any(
        null and key.nulls_first is None for null, key in zip(nulls, order, strict=True)
    ):
        raise _foreign(cursor)
    return [
        None if null else _value(cursor, position, key, mark, binder)
        for position, (null, key) in enumerate(zip(nulls, order, strict=True))
    ]


def _value(cursor: Given, position: int, key: Sorting, mark: str, binder: Binder) -> str:
    def read(keys: list[Any]) -> Any:
        if keys[0] != mark:
            raise _foreign(cursor)
        return from_cursor(key.in_cursor.kind, keys[position + 1])

    place = (cursor.site, cursor.path, cursor.place, position)
    if key.place_of is not None:
        made = key.place_of
        return binder.share(place, lambda: made(cursor.reader(read)))
    return binder.share(place, lambda: binder.bind(cursor.reader(read), key.kind, cursor.place))


def _foreign(cursor: Given) -> Invalid:
    msg = "This cursor belongs to another list or to another order; start again without one when you change orderBy."
    return Invalid.at(cursor.path, "CURSOR_OF_ANOTHER_ORDER", msg)
