"""Orders of lists, and where a page of one begins and ends: cursors and the conditions they make."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments import Given
from crmcore.graphql.planner.binding import Binder
from crmcore.graphql.planner.plan import Sorting
from crmcore.graphql.planner.rules import Rules
from crmcore.graphql.planner.values import from_cursor

__all__ = ["beyond", "fingerprint", "sortings"]


def sortings(
    entities: Entities, entity: Entity, alias: str, given: Given | None, rules: Rules, dialect: str
) -> tuple[Sorting, ...]:
    """Return the keys of a list's order; the id is always the last, in the direction of the key before it.

    Args:

        entities: all entities.
        entity: whose records the list has.
        alias: their alias.
        given: the argument `orderBy`, None if absent; then the newest record is first.
        rules: refuse what the actor may not see.
        dialect: for SQL expressions.

    Raises:

        Forbidden: a key is masked or hidden for the actor.
    """
    keys: dict[str, Sorting] = {}
    fields = entities.fields(entity.name)
    for element in given.elements() if given else ():
        name = _member(element, "field").value
        if name not in keys:
            rules.require_open(entity, fields[name], "order")
            keys[name] = _sorting(fields[name], alias, element, dialect)
        if name == "id":
            return tuple(keys.values())
    descending = list(keys.values())[-1].descending if keys else True
    return (*keys.values(), Sorting(f"{alias}.id", kinds.ID, descending, None))


def _member(given: Given, name: str) -> Any:
    found = given.get(name)
    return found.constant if found else None


def _sorting(field: f.Field, alias: str, given: Given, dialect: str) -> Sorting:
    direction, nulls = _member(given, "direction"), _member(given, "nulls")
    descending = direction is not None and direction.name == "DESC"
    first = descending if nulls is None else nulls.name == "FIRST"
    match field:
        case f.Scalar(column=column, kind=kind, null=null):
            return Sorting(f"{alias}.{column}", kind, descending, first if null else None)
        case f.Money(column=column, null=null):
            return Sorting(f"{alias}.{column}", kinds.BIGINT, descending, first if null else None)
        case f.Expression(kind=kind, sql=sql, null=null):
            return Sorting(f"({sql(alias, dialect)})", kind, descending, first if null else None)
    msg = f"{field.name} has no order; the schema must not offer it."
    raise TypeError(msg)


def fingerprint(entity: Entity, order: Sequence[Sorting], alias: str) -> str:
    """Return what a cursor carries to be refused by a list in another order."""
    keys = [f"{k.sql.removeprefix(alias)} {k.descending} {k.nulls_first}" for k in order]
    return blake2b("|".join([entity.name, *keys]).encode(), digest_size=6).hexdigest()


def beyond(cursor: Given, order: Sequence[Sorting], mark: str, binder: Binder, *, inclusive: bool = False) -> str:
    """Return the condition that a row stands after a cursor in `order`; reverse the keys for before.

    Keys of one direction that are never null compare as one row value, which an index answers at once however deep the
    page; `a < x or (a = x and ...)` reads every row before it. The general form therefore bounds the first key apart.

    Args:

        cursor: the argument; its shape tells which keys are null.
        order: the list's keys.
        mark: the list's fingerprint.
        binder: takes the cursor's values.
        inclusive: whether the row at the cursor counts too.

    Raises:

        Invalid: the cursor has another number of keys.
    """
    if len(cursor.nulls) != len(order) + 1:
        raise _foreign(cursor)
    values = [None if cursor.nulls[i + 1] else _key(cursor, i, key, mark, binder) for i, key in enumerate(order)]
    if any(v is None and key.nulls_first is None for v, key in zip(values, order, strict=True)):
        raise _foreign(cursor)
    if all(k.nulls_first is None and k.descending == order[0].descending for k in order):
        sign = ("<" if order[0].descending else ">") + ("=" if inclusive else "")
        if len(order) == 1:
            return f"{order[0].sql} {sign} {values[0]}"
        return f"({', '.join(k.sql for k in order)}) {sign} ({', '.join(map(str, values))})"
    ways: list[str] = []
    equal: list[str] = []
    for key, value in zip(order, values, strict=True):
        if (past := _past(key, value)) is not None:
            ways.append(" and ".join([*equal, past]))
        equal.append(f"{key.sql} is null" if value is None else f"{key.sql} = {value}")
    if inclusive:
        ways.append(" and ".join(equal))
    return f"({' or '.join(f'({way})' for way in ways)}){_bound(order[0], values[0])}"


def _past(key: Sorting, value: str | None) -> str | None:
    if value is None:
        return f"{key.sql} is not null" if key.nulls_first else None
    past = f"{key.sql} {'<' if key.descending else '>'} {value}"
    return f"({past} or {key.sql} is null)" if key.nulls_first is False else past


def _bound(key: Sorting, value: str | None) -> str:
    if value is None or key.nulls_first is False:
        return ""
    return f" and {key.sql} {'<=' if key.descending else '>='} {value}"


def _key(cursor: Given, position: int, key: Sorting, mark: str, binder: Binder) -> str:
    def read(keys: list[Any]) -> Any:
        if keys[0] != mark:
            raise _foreign(cursor)
        return from_cursor(key.kind, keys[position + 1])

    place = (cursor.site, cursor.path, cursor.place, position)
    return binder.share(place, lambda: binder.bind(cursor.reader(read), key.kind, cursor.place))


def _foreign(cursor: Given) -> Invalid:
    msg = "This cursor belongs to another list or to another order; start again without one when you change orderBy."
    return Invalid.at(cursor.path, "CURSOR_OF_ANOTHER_ORDER", msg)
