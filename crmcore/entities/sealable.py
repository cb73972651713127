"""Which columns can be stored sealed: what is about people, unless the database itself has to understand it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmcore.database.schema import Index, declared_indexes, declared_totals
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import BOOL, ID
from crmcore.entities.record import Owned, Record

if TYPE_CHECKING:
    from crmcore.entities.sealing import SealedColumn

__all__ = ["unsealable"]

_GIVEN = frozenset({*vars(Record), *vars(Owned)})
#: Characters of a text for which an index of PostgreSQL has room once they are sealed: it takes 2704 bytes.
_INDEXED = 2000


def unsealable(entity: Entity, column: str, said: SealedColumn | None = None) -> str | None:
    """Say why a column cannot be sealed, or not in this way; None if it can.

    Args:

        entity: whose column it is.
        column: its name.
        said: what is to be done with it; without, whether it can be sealed in any way.
    """
    if column not in entity.columns:
        return f"{entity.tablename} has no such column; it has {', '.join(entity.columns)}."
    return next(_reasons(entity, column, said), None)


def _reasons(entity: Entity, column: str, said: SealedColumn | None) -> Iterator[str]:
    facts = entity.facts[column]
    if column in _GIVEN or facts.kind is ID or _names_a_link(entity, column):
        yield "records are found, joined and ruled by it."
    if not facts.personal:
        yield "it is not said to hold anything about a person; give the column personal= with a category."
    if facts.currency_column is not None or column in {currency for _, currency in entity.money}:
        yield "money is added up by the database."
    if facts.kind is BOOL:
        yield "of two values, anybody guesses the right one; make it a choice."
    if column in entity.plain:
        yield f"statements of the plugin {entity.plugin!r} read it as it is."
    if any(column in (*totals.by, *totals.sums) for totals in declared_totals(entity.table)):
        yield "running totals are kept by it."
    if column in {key.removeprefix("-") for key in entity.order}:
        yield f"lists of {entity.plural} are ordered by it; give the entity another order."
    if column in {line.at for line in entity.timeline}:
        yield "timelines are ordered by it."
    yield from _indexed(entity, column, said)


def _names_a_link(entity: Entity, column: str) -> bool:
    return column.endswith("_type") and f"{column.removesuffix('_type')}_id" in entity.links


def _indexed(entity: Entity, column: str, said: SealedColumn | None) -> Iterator[str]:
    for index in declared_indexes(entity.table):
        if _computes(index, column):
            yield f"the index {index.named(entity.tablename)} computes with it."
        elif column in map(_name, index.columns):
            if (entity.facts[column].max_length or 0) > _INDEXED:
                yield f"the index {index.named(entity.tablename)} has no room for texts of that length once they are sealed."
            if index.unique and said is not None and not said.equality:
                yield f"{index.named(entity.tablename)} has to refuse what is there already, so it needs equality."
    if said is not None and not said.equality:
        for key in entity.keys:
            if column in key.columns:
                yield f"records are found again by the key {key.name}, so it needs equality."


def _computes(index: Index, column: str) -> bool:
    more = [index.where or "", *(c for c in index.columns if not _name(c).isidentifier())]
    return any(re.search(rf"\b{column}\b", text) for text in more)


def _name(column: str) -> str:
    return column.removesuffix(" desc")
