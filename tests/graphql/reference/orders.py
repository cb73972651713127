"""Orders of lists in memory, and whose cursors are whose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cmp_to_key
from typing import Any
from uuid import UUID

from crmcore.entities import fields as f
from crmcore.entities.entity import camel, snake
from crmcore.entities.registry import Entities
from tests.graphql.reference.rules import Record, Sight
from tests.graphql.reference.timelines import Entry

__all__ = ["TIMELINE", "Orders", "Steps"]

#: Links and the field behind them, whether descending, whether nulls come first (None where there are none); the id is
#: the last.
Steps = tuple[tuple[tuple[str, ...], bool, bool | None], ...]

#: The name under which cursors of timelines are known; they have one order only.
TIMELINE = "timeline"
_MOST_KEYS, _MOST_LINKS = 10, 3
_WRONG, _FORBIDDEN = "VALIDATION", "FORBIDDEN"


class Orders:
    """What is known of orders.

    Attributes:

        issued: by cursor the entity and the order of the list that gave it, and the record it stands at.
        missing: entities and orders whose cursors were asked for and are not known.
    """

    def __init__(self, entities: Entities) -> None:
        self.entities = entities
        self.issued: dict[str, tuple[str, Steps, Any]] = {}
        self._cursors: dict[tuple[str, Steps], dict[Any, str]] = {}
        self.missing: set[tuple[str, Steps]] = set()

    def learn(self, entity: str, steps: Steps, cursors: Mapping[Any, str]) -> None:
        """Add the cursors of all records of an entity in one order, or of all entries of timelines."""
        self._cursors[entity, steps] = dict(cursors)
        self.issued.update({text: (entity, steps, place) for place, text in cursors.items()})

    def forget(self) -> None:
        """Forget the cursors of orders by linked records: they hold what one actor sees of these."""
        self._cursors = {k: v for k, v in self._cursors.items() if all(len(path) == 1 for path, _, _ in k[1])}

    def known(self, entity: str, steps: Steps) -> list[str]:
        """Return the cursors of an order."""
        return list(self._cursors.get((entity, steps), {}).values())

    def cursor(self, record: Record, steps: Steps) -> str:
        """Return a record's cursor."""
        entry = isinstance(record, Entry)
        known = (TIMELINE if entry else record.entity, steps)
        if known not in self._cursors:
            self.missing.add(known)
            return "missing"
        return self._cursors[known][(record.kind, record.row["id"]) if isinstance(record, Entry) else record.row["id"]]

    def steps(self, sight: Sight, entity: str, keys: Sequence[Mapping[str, Any]]) -> Steps:
        """Return the keys that count: each field once, none after the id; the entity's own if none is given."""
        found: dict[tuple[str, ...], tuple[tuple[str, ...], bool, bool | None]] = {}
        for key in keys:
            step = self._step(entity, key, ())
            found.setdefault(step[0], step)
            if step[0] == ("id",):
                return tuple(found.values())
        if not found:
            found = {step[0]: step for step in self._own(sight, entity)}
        last = list(found.values())[-1][1] if found else True
        return (*found.values(), (("id",), last, None))

    def _step(
        self, entity: str, key: Mapping[str, Any], links: tuple[str, ...]
    ) -> tuple[tuple[str, ...], bool, bool | None]:
        name = next(name for name in _chosen(key))
        if name != "field":
            relation = self.entities.fields(entity)[name]
            assert isinstance(relation, f.One)
            return self._step(relation.target, key[name], (*links, name))
        name = self._name(entity, key["field"])
        descending = key.get("direction", "ASC") == "DESC"
        nulls = key.get("nulls") or ("FIRST" if descending else "LAST")
        nullable = getattr(self.entities.fields(entity)[name], "null", False) or links
        return (*links, name), descending, nulls == "FIRST" if nullable else None

    def _own(self, sight: Sight, entity: str) -> Iterator[tuple[tuple[str, ...], bool, bool | None]]:
        for key in self.entities[entity].order:
            name, descending = camel(key.removeprefix("-")), key.startswith("-")
            field = self.entities.fields(entity)[name]
            if sight.open(entity, field):
                yield (name,), descending, descending if getattr(field, "null", False) else None

    def problems(self, sight: Sight, entity: str, keys: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield a code for each key that names nothing, too much, or what the actor may not order by."""
        if len(keys) > _MOST_KEYS:
            yield _WRONG
        for key in keys:
            yield from (found := list(self._problems(sight, entity, key, 0)))
            if found or (_chosen(key) == ["field"] and key["field"] == "ID"):
                return

    def _problems(self, sight: Sight, entity: str, key: Mapping[str, Any], depth: int) -> Iterator[str]:
        if len(chosen := _chosen(key)) != 1:
            yield _WRONG
            return
        name = self._name(entity, key["field"]) if chosen == ["field"] else chosen[0]
        field = self.entities.fields(entity)[name]
        if not sight.open(entity, field):
            yield _FORBIDDEN
        if isinstance(field, f.One):
            if depth == _MOST_LINKS:
                yield _WRONG
            yield from self._problems(sight, field.target, key[name], depth + 1)

    def compare(self, follow: Callable[[Record, Any], list[Record]], left: Record, right: Record, steps: Steps) -> int:
        """Return -1 if `left` comes first, 1 if it comes last."""
        for path, descending, nulls_first in steps:
            a, b = self._key(follow, left, path), self._key(follow, right, path)
            if a == b:
                continue
            if a is None or b is None:
                return -1 if (a is None) is nulls_first else 1
            return (-1 if a < b else 1) * (-1 if descending else 1)
        return 0

    def sort(self, follow: Callable[[Record, Any], list[Record]], records: list[Record], steps: Steps) -> list[Record]:
        """Return records in order."""
        return sorted(records, key=cmp_to_key(lambda a, b: self.compare(follow, a, b, steps)))

    def _key(self, follow: Callable[[Record, Any], list[Record]], record: Record, path: tuple[str, ...]) -> Any:
        field = self.entities.fields(record.entity)[path[0]]
        if len(path) > 1:
            above = next(iter(follow(record, field)), None)
            return None if above is None else self._key(follow, above, path[1:])
        if isinstance(field, f.Expression):
            return len(record.row["name"])
        value = record.row[field.column]  # type: ignore[union-attr]
        if isinstance(value, UUID):
            return value.bytes
        return value.encode() if isinstance(value, str) else value

    def _name(self, entity: str, member: str) -> str:
        return next(name for name in self.entities.fields(entity) if snake(name).upper() == member)


def _chosen(key: Mapping[str, Any]) -> list[str]:
    return [name for name, part in key.items() if name not in ("direction", "nulls") and part is not None]
