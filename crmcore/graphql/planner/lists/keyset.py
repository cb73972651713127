"""What of a list stands beyond a place in its order, as ranges of which an index finds each at once.

`a > x or (a = x and b > y)` reads every row before the place, and so does any one condition for keys that may be null or
whose directions differ. Taken apart, each range costs what is read of it (docs/decisions/0009).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.plan import Range, Sorting

__all__ = ["beyond", "whole", "within"]

Order = tuple[Sorting, ...]
#: SQL of each key's value at the place, None where it is null.
Values = Sequence[str | None]


def whole(order: Order, dialect: Dialect) -> tuple[Range, ...]:
    """Return the ranges of the whole list: two where nulls stand at the end where no index has them.

    Two as well for keys of linked records, since a database may begin with these only if there must be one.
    """
    key, rest = order[0], order[1:]
    if key.nulls_first is None or (not key.joins and dialect.indexes_nulls(key)):
        return (Range((), order),)
    without = Range((f"{key.sql} is null",), rest)
    having = Range((f"{key.sql} is not null",), (key.never_null, *rest), key.joins)
    return (without, having) if key.nulls_first else (having, without)


def beyond(values: Values, order: Order, *, inclusive: bool = False) -> tuple[Range, ...]:
    """Return the ranges of the rows after a place, in order.

    Args:

        values: the keys at the place.
        order: the list's keys; reverse them for what precedes the place. The last one is never null.
        inclusive: whether the row at the place counts too.
    """
    return tuple(_beyond(values, order, inclusive=inclusive))


def within(values: Values, order: Order) -> str:
    """Return one condition on the rows after a place, for the far end of a list that is counted from the other end.

    The first key has a bound of its own beside the `or`, so that an index ends there.
    """
    ways = [" and ".join(part.where) for part in beyond(values, order)]
    if len(ways) == 1:
        return ways[0]
    any_way = f"({' or '.join(f'({way})' for way in ways)})"
    key, value = order[0], values[0]
    if value is None or key.nulls_first is False:
        return any_way
    return f"{any_way} and {key.sql} {'<=' if key.descending else '>='} {value}"


def _beyond(values: Values, order: Order, *, inclusive: bool) -> Iterator[Range]:
    tail = _tail(values, order)
    same = [_equal(key, value) for key, value in zip(order, values, strict=True)]
    head, rest = order[tail], order[tail + 1 :]
    past = _row(order[tail:], values[tail:], inclusive=inclusive)
    yield Range((*same[:tail], past), (head.never_null, *rest))
    if head.nulls_first is False:
        yield Range((*same[:tail], f"{head.sql} is null"), rest)
    for position in reversed(range(tail)):
        key, rest = order[position], order[position + 1 :]
        for test, keys in _past(key, values[position]):
            yield Range((*same[:position], test), (*keys, *rest))


def _tail(values: Values, order: Order) -> int:
    """Return from where on the keys compare as one row value: of one table, of one direction, only the first ever null."""
    tail = len(order) - 1
    while (
        tail > 0
        and order[tail].nulls_first is None
        and not order[tail - 1].joins
        and order[tail - 1].descending == order[tail].descending
        and values[tail - 1] is not None
    ):
        tail -= 1
    return tail


def _row(keys: Order, values: Values, *, inclusive: bool) -> str:
    sign = ("<" if keys[0].descending else ">") + ("=" if inclusive else "")
    if len(keys) == 1:
        return f"{keys[0].sql} {sign} {values[0]}"
    return f"({', '.join(key.sql for key in keys)}) {sign} ({', '.join(map(str, values))})"


def _past(key: Sorting, value: str | None) -> Iterator[tuple[str, Order]]:
    if value is not None:
        yield f"{key.sql} {'<' if key.descending else '>'} {value}", (key.never_null,)
        if key.nulls_first is False:
            yield f"{key.sql} is null", ()
    elif key.nulls_first:
        yield f"{key.sql} is not null", (key.never_null,)


def _equal(key: Sorting, value: str | None) -> str:
    return f"{key.sql} is null" if value is None else f"{key.sql} = {value}"
