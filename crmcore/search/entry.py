"""The index's entry of a record: its terms, and the statements that write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import Any

from crmcore.entities.entity import Entity
from crmcore.entities.searched import Part
from crmcore.search.terms import mark, terms

__all__ = [
    "INDEX",
    "TABLE",
    "keep_given_sql",
    "keep_many_sql",
    "keep_sql",
    "own_terms",
    "own_texts",
    "terms_of",
    "terms_of_texts",
]

TABLE = "crm_search_entry"
#: The FTS5 index on it, SQLite only.
INDEX = "crm_search_index"
#: Characters of a text whose terms are kept for the next record with the same.
_SHORT = 60


def own_terms(entity: Entity, row: Mapping[str, Any]) -> str:
    """Return the terms of a record's own columns, with blanks between them."""
    return terms_of_texts(entity, own_texts(entity, row))


def own_texts(entity: Entity, row: Mapping[str, Any]) -> list[str | None]:
    """Return what stands in the columns of its own under which a record is found."""
    return [row.get(column) for column, _ in entity.indexed]


def terms_of_texts(entity: Entity, texts: Iterable[str | None]) -> str:
    """Return the terms of such texts, with blanks between them."""
    found: set[str] = set()
    for (column, prose), text in zip(entity.indexed, texts, strict=True):
        if text:
            found |= _terms(mark(entity.name, column), text, prose)
    return " ".join(found)


def terms_of(rows: Iterable[tuple[Part, Mapping[str, Any]]]) -> str:
    """Return the terms of all rows under which one record is found."""
    found: set[str] = set()
    for part, row in rows:
        found |= _found(part, row)
    return " ".join(found)


def _found(part: Part, row: Mapping[str, Any]) -> set[str]:
    found: set[str] = set()
    for column in part.columns:
        if text := row.get(column):
            found |= _terms(mark(part.entity.name, column), text, part.prose(column))
    return found


def _terms(mark: str, text: str, prose: bool) -> Set[str]:
    return _short_terms(mark, text, prose) if len(text) <= _SHORT else terms(mark, text, prose=prose)


@lru_cache(2048)
def _short_terms(mark: str, text: str, prose: bool) -> Set[str]:
    # Many records have the same: a city, a title, what was sold.
    return frozenset(terms(mark, text, prose=prose))


@lru_cache
def keep_sql(dialect: str, first: int = 1) -> str:
    """Return the statement that writes an entry; entity, id and terms are bound from `$first` on."""
    entity, id, text = (f"${first + place}" for place in range(3))
    if dialect == "postgresql":
        # An empty text has one part, which is no term.
        text = f"array_to_tsvector(array_remove(string_to_array({text}::text, ' '), ''))"
    return (
        f"insert into {TABLE} (entity, record_id, terms) values ({entity}, {id}, {text}) "
        f"on conflict (entity, record_id) do update set terms = excluded.terms where {TABLE}.terms <> excluded.terms"
    )


@lru_cache
def keep_given_sql(first: int = 1) -> str:
    """Return PostgreSQL's statement that writes the entries of several transactions (see `Database.later`), bound likewise."""
    entity, id, text = (f"${first + place}" for place in range(3))
    text = f"array_to_tsvector(array_remove(string_to_array({text}::text, ' '), ''))"
    return (
        f"insert into {TABLE} (entity, record_id, terms) select {entity}, {id}, {text} from crm_given "
        f"on conflict (entity, record_id) do update set terms = excluded.terms where {TABLE}.terms <> excluded.terms"
    )


@lru_cache
def keep_many_sql() -> str:
    """Return PostgreSQL's statement that writes many entries; lists of entities, ids and terms are bound."""
    text = "array_to_tsvector(array_remove(string_to_array(told.terms, ' '), ''))"
    return (
        f"insert into {TABLE} (entity, record_id, terms) select told.entity, told.id, {text} "
        "from unnest($1::text[], $2::uuid[], $3::text[]) as told (entity, id, terms) "
        f"on conflict (entity, record_id) do update set terms = excluded.terms where {TABLE}.terms <> excluded.terms"
    )
