"""The one seam where rows are written and read as values, and sealed columns are sealed and opened.

Statements are made once per set of columns. Values are always bound; names come from declarations only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import msgspec

from crmcore.access.actor import Stamp
from crmcore.access.bound import EVERY_ROW
from crmcore.database import Database, instants
from crmcore.database.group_commit import Left
from crmcore.entities import sealed
from crmcore.entities.columns import Facts
from crmcore.entities.entity import Entity
from crmcore.entities.hoping import fails_unless, holds
from crmcore.entities.kinds import DATE, ID, INSTANT, JSON, Kind
from crmcore.entities.sealing import is_sealed
from crmcore.search.entry import keep_given_sql, keep_sql, own_terms, own_texts, terms_of_texts

__all__ = [
    "Row",
    "bound",
    "bound_column",
    "delete",
    "insert",
    "insert_sql",
    "is_found",
    "left_insert",
    "left_update",
    "overwrite",
    "parse",
    "read",
    "select",
    "text",
    "update",
]

#: A record as Python values by column name.
Row = dict[str, Any]

_PARSE: Mapping[Kind, Callable[[Any], Any]] = {INSTANT: instants.parse, DATE: date.fromisoformat, ID: UUID}
_encoder = msgspec.json.Encoder()
_documents = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=4096)
def insert_sql(table: str, columns: tuple[str, ...]) -> str:
    """Return the statement that writes one new row."""
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    return f"insert into {table} as t ({', '.join(columns)}) values ({places})"


@lru_cache(maxsize=4096)
def _plain_insert_sql(table: str, columns: tuple[str, ...]) -> str:
    return insert_sql(table, columns).replace(" as t ", " ", 1)


@lru_cache(maxsize=4096)
def _insert_found_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"with found as ({keep_sql('postgresql', len(columns) + 1)}) {insert_sql(table, columns)}"


@lru_cache(maxsize=4096)
def _update_sql(table: str, columns: tuple[str, ...]) -> str:
    sets = ", ".join(f"{c} = ${n}" for n, c in enumerate(columns, 3))
    return f"update {table} set {sets} where id = $1 and version = $2"


@lru_cache(maxsize=4096)
def _overwrite_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"update {table} set {', '.join(f'{c} = ${n}' for n, c in enumerate(columns, 2))} where id = $1"


def is_found(entity: Entity) -> bool:
    """Say whether records of an entity have entries of their own in the index of search."""
    return bool(entity.searched) and entity.found_as is None


def bound(entity: Entity, columns: Iterable[str], values: Mapping[str, Any]) -> list[Any]:
    """Return the values of some columns as the driver takes them."""
    documents, texts = entity.documents, dict[int, str]()
    return [_json(values[c], texts) if c in documents and values[c] is not None else values[c] for c in columns]


def _bound_row(entity: Entity, columns: tuple[str, ...], row: Mapping[str, Any]) -> list[Any]:
    """Return all values of a row as the driver takes them; `columns` are its own, in its order."""
    values, texts = list(row.values()), dict[int, str]()
    for place in entity.document_places if columns == entity.names else _document_places(entity, columns):
        if (value := values[place]) is not None:
            values[place] = _json(value, texts)
    return values


def _document_places(entity: Entity, columns: tuple[str, ...]) -> list[int]:
    return [place for place, column in enumerate(columns) if column in entity.documents]


def bound_column(entity: Entity, column: str, values: list[Any]) -> list[Any]:
    """Return a column's values in many rows as the driver takes them."""
    if column not in entity.documents:
        return values
    texts = dict[int, str]()
    return [None if v is None else _json(v, texts) for v in values]


def _json(value: Any, texts: dict[int, str]) -> str:
    if type(value) is Stamp:
        return value.text
    # A document may be the same object in many rows of a unit of work.
    text = texts.get(id(value))
    if text is None:
        text = texts[id(value)] = _documents.encode(value)
    return text


def text(values: Mapping[str, Any]) -> str:
    """Write some columns of a row as one JSON object: instants as everywhere, JSON values as they are."""
    wire = instants.wire
    return _encoder.encode({c: wire(v) if type(v) is datetime else v for c, v in values.items()}).decode()


def parse(entity: Entity, text: str) -> Row:
    """Read what `text` has written; a value of a column that is no longer declared stays as JSON has it."""
    raw: dict[str, msgspec.Raw] = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return {column: _parse(entity.facts.get(column), value) for column, value in raw.items()}


def _parse(said: Facts | None, raw: msgspec.Raw) -> Any:
    if said is None or said.kind is JSON:
        return json.loads(bytes(raw))
    value = msgspec.json.decode(raw)
    convert = _PARSE.get(said.kind)
    return value if value is None or convert is None or is_sealed(value) else convert(value)


def read(entity: Entity, raw: Mapping[str, Any]) -> Row:
    """Turn a row as the driver gives it into Python values."""
    row = dict(raw)
    for column, said in entity.facts.items():
        if said.kind is JSON and isinstance(row.get(column), str):
            row[column] = json.loads(row[column])
    return row


async def insert(
    database: Database,
    entity: Entity,
    row: Mapping[str, Any],
    check: Callable[[int], tuple[str, list[Any]]] | None = None,
) -> bool:
    """Write one new row, and its entry in the index of search; columns that are absent take the database's default.

    Args:

        database: where.
        entity: what it is.
        row: values by column.
        check: gives a condition on the new row, named `t`, with placeholders from a number on, and their values.

    Returns:

        Whether the condition holds; True without one.

    Raises:

        UniqueViolation, ReferenceViolation: the database, or what seals the entity's columns, refuses the row.
    """
    columns = tuple(row)
    written = row if entity.seal is None else (await sealed.to_write(database, entity, [(None, row)]))[0]
    reached = await _insert(database, entity, row, _bound_row(entity, columns, written), check)
    if entity.seal is not None:
        await sealed.tell(database, entity, [(None, dict(row))])
    return reached


async def _insert(
    database: Database,
    entity: Entity,
    row: Mapping[str, Any],
    values: list[Any],
    check: Callable[[int], tuple[str, list[Any]]] | None,
) -> bool:
    columns = tuple(row)
    sql = insert_sql(entity.tablename, columns)
    entry = (entity.name, row["id"], own_terms(entity, row)) if is_found(entity) else ()
    if database.dialect == "sqlite":
        await database.execute(sql, *values)
        if entry:
            await database.execute(keep_sql("sqlite"), *entry)
        return check is None or await _holds(database, entity, row["id"], check)
    # Each statement is a round trip, so here all of it is one.
    values = [*values, *entry]
    sql = _insert_found_sql(entity.tablename, columns) if entry else sql
    if check is None:
        await database.execute(sql, *values)
        return True
    condition, more = check(len(values) + 1)
    return bool(await database.fetch_value(f"{sql} returning ({condition})", *values, *more))


def left_insert(
    dialect: str,
    entity: Entity,
    row: Mapping[str, Any],
    check: Callable[[int], tuple[str, list[Any]]] | None = None,
) -> Sequence[Left]:
    """Return statements that write a new row of an entity without a seal, to be left for the commit: one on PostgreSQL.

    They fail if the database refuses the row, or if the condition, if it is not that of every row, does not hold. See `insert`
    for the rest.
    """
    columns = tuple(row)
    if dialect == "sqlite":
        return _left_inserts(entity, columns, row, check)
    values, found = _bound_row(entity, columns, row), is_found(entity)
    condition, more = EVERY_ROW, list[Any]()
    if check is not None:
        condition, more = check(len(values) + 3 * found + 1)
    sql, many = _left_insert_sql(entity.tablename, columns, found, None if condition == EVERY_ROW else condition)
    more = [] if condition == EVERY_ROW else more
    if not found:
        return [Left(sql, values + more, many)]
    return [Left(sql, partial(_with_entry, values, entity, row["id"], own_texts(entity, row), more), many)]


def _with_entry(
    before: Iterable[Any], entity: Entity, id: UUID, texts: Iterable[str | None], behind: Iterable[Any]
) -> list[Any]:
    return [*before, entity.name, id, terms_of_texts(entity, texts), *behind]


def _left_inserts(
    entity: Entity,
    columns: tuple[str, ...],
    row: Mapping[str, Any],
    check: Callable[[int], tuple[str, list[Any]]] | None,
) -> Sequence[Left]:
    """Return those of SQLite, which may be part of a trigger: no alias of what is written."""
    table = entity.tablename
    left = [Left(_plain_insert_sql(table, columns), _bound_row(entity, columns, row))]
    if is_found(entity):
        left.append(Left(keep_sql("sqlite"), partial(_with_entry, (), entity, row["id"], own_texts(entity, row), ())))
    if check is not None:
        condition, values = check(2)
        if condition != EVERY_ROW:
            there = f"exists (select 1 from {table} t where t.id = $1 and ({condition}))"
            left.append(Left(holds(there, "sqlite"), [row["id"], *values]))
    return left


def left_update(entity: Entity, before: Row, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return PostgreSQL's statement without rows that changes a row of an entity without a seal, and its values.

    It fails if the database refuses the change, or if the row has not the version it was read with.
    """
    columns = tuple(values)
    sql = _left_update_sql(entity.tablename, columns)
    return sql, before["id"], before["version"], *bound(entity, columns, values)


@lru_cache(maxsize=4096)
def _left_update_sql(table: str, columns: tuple[str, ...]) -> str:
    update = f"{_update_sql(table, columns)} returning id"
    return f"with told as ({update}) select where {fails_unless('exists (select from told)')}"


@lru_cache(maxsize=4096)
def _left_insert_sql(table: str, columns: tuple[str, ...], found: bool, condition: str | None) -> tuple[str, str]:
    entry = len(columns) + 1
    one = [f"found as ({keep_sql('postgresql', entry)})"] if found else []
    many = [f"found as ({keep_given_sql(entry)})"] if found else []
    write, write_many = insert_sql(table, columns), _insert_given_sql(table, columns)
    if condition is None:
        return _with(one, write), _with(many, write_many)
    one.append(f"told as ({write} returning ({condition}) as reached)")
    # What a row was made of is not to be had where it is returned.
    many.append(f"told as ({write_many} returning t.*)")
    own = f"t.id = ${columns.index('id') + 1}"
    return (
        _with(one, f"select from told where {fails_unless('told.reached')}"),
        _with(many, f"select from told t join crm_given on {own} where {fails_unless(condition)}"),
    )


def _with(parts: list[str], last: str) -> str:
    return f"with {', '.join(parts)} {last}" if parts else last


def _insert_given_sql(table: str, columns: tuple[str, ...]) -> str:
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    return f"insert into {table} as t ({', '.join(columns)}) select {places} from crm_given order by crm_given.n"


async def _holds(database: Database, entity: Entity, id: UUID, check: Callable[[int], tuple[str, list[Any]]]) -> bool:
    condition, values = check(2)
    sql = f"select 1 from {entity.tablename} t where t.id = $1 and ({condition})"
    return await database.fetch_value(sql, id, *values) is not None


async def update(database: Database, entity: Entity, before: Row, values: Mapping[str, Any]) -> bool:
    """Change a row if it still has the version it was read with; say whether it had.

    Raises:

        UniqueViolation, ReferenceViolation: the database, or what seals the entity's columns, refuses the change.
    """
    written = values if entity.seal is None else (await sealed.to_write(database, entity, [(before, values)]))[0]
    columns = tuple(written)
    sql = _update_sql(entity.tablename, columns)
    there = bound(entity, columns, written)
    if await database.execute(sql, before["id"], before["version"], *there) != 1:
        return False
    if entity.seal is not None:
        await sealed.tell(database, entity, [(before, {**before, **values})])
    return True


async def overwrite(
    database: Database, entity: Entity, id: UUID, values: Mapping[str, Any], before: Row | None = None
) -> None:
    """Write some columns of a row, whatever its version; `before` is the row, where its seal hears of such columns.

    Raises:

        UniqueViolation, ReferenceViolation: the database, or what seals the entity's columns, refuses the change.
    """
    written = values if before is None else (await sealed.to_write(database, entity, [(before, values)]))[0]
    columns = tuple(written)
    await database.execute(_overwrite_sql(entity.tablename, columns), id, *bound(entity, columns, written))
    if before is not None:
        await sealed.tell(database, entity, [(before, {**before, **values})])


async def delete(database: Database, entity: Entity, id: UUID) -> None:
    """Remove a row for ever."""
    await database.execute(f"delete from {entity.tablename} where id = $1", id)


async def select(database: Database, entity: Entity, where: str, *params: Any) -> list[Row]:
    """Read rows by a condition over the alias `t`, with `$1…` for the parameters."""
    raw = await database.fetch_dicts(f"select t.* from {entity.tablename} t where {where}", *params)
    rows = [read(entity, r) for r in raw]
    return rows if entity.seal is None else await sealed.opened(database, entity, rows)
