"""A plugin that seals columns with a toy: nothing is secret, but everything is bound, and a key can be destroyed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from crmcore import Crm, Database, Entity, Row, Settings, hookimpl, instants
from crmcore.database import UniqueViolation
from crmcore.database.arrays import members
from crmcore.database.schema import Index
from crmcore.entities.kinds import DATE, INSTANT, JSON, TEXT
from crmcore.entities.sealing import ERASED, MARK, Cell, Erased, Found, Lookup, Memory, Reading, SealedColumn, is_sealed

if TYPE_CHECKING:
    from crmcore.entities.kinds import Kind

plugin_name = "toy"

_numbers = count()


class Unreadable(Exception):
    """A value was altered or moved."""


@dataclass
class ToySeal:
    """Seals columns of one entity.

    Attributes:

        entity: which.
        columns: the sealed ones.
        destroyed: persons whose keys are gone.
        shown: which values were shown to whom that a look-up had opened.
        opened: of each call, the values that were to be opened and for whom.
        link: the column that says whose data a row is; by default the first link to a customer.
        told: of each call, what was changed.
        sealings: how many calls sealed something.
        within: whether statements look values up themselves.
        beside: records that such look-ups find beside those that match.
        held: of each such look-up, whether it found none beside.
        plain: whether values that are not sealed are read as well, as while a column is being sealed.
    """

    entity: Entity
    columns: Mapping[str, SealedColumn]
    destroyed: set[UUID] = field(default_factory=set)
    opened: list[tuple[list[Cell], Reading | None]] = field(default_factory=list)
    shown: list[tuple[list[Cell], Reading]] = field(default_factory=list)
    link: str | None = None
    told: list[list[tuple[Row | None, Row | None]]] = field(default_factory=list)
    sealings: int = 0
    plain: bool = False
    within: bool = False
    beside: tuple[UUID, ...] = ()
    held: list[bool] = field(default_factory=list)

    @property
    def _link(self) -> str | None:
        if self.link is not None:
            return self.link
        if self.entity.name == "customer":
            return "id"
        return next((c for c in self.entity.links if self.entity.facts[c].target == "customer"), None)

    @property
    def subject_columns(self) -> tuple[str, ...]:
        return () if self._link in (None, "id") else (self._link,)

    def memory(self, database: Database) -> Memory | None:
        return None

    def subject_sql(self, alias: str, dialect: str) -> str:
        return "null" if self._link is None else f"{alias}.{self._link}"

    async def subjects(self, database: Database, rows: Sequence[Row]) -> list[UUID | None]:
        return [None if self._link is None else row[self._link] for row in rows]

    async def seal(self, database: Database, cells: Sequence[Cell]) -> list[str]:
        self.sealings += 1
        return [self._seal(cell) for cell in cells]

    def _seal(self, cell: Cell) -> str:
        assert cell.value is not None, "null is not sealed"
        assert not is_sealed(cell.value), "a value is sealed once"
        said = [self.entity.name, cell.column, str(cell.id), _text(cell.subject), next(_numbers), _plain(cell.value)]
        text = json.dumps(said).encode()
        return MARK + base64.urlsafe_b64encode(text).decode().rstrip("=")

    async def open(
        self, database: Database, cells: Sequence[Cell], reading: Reading | None = None, *, past: bool = False
    ) -> list[Any | Literal[Erased.ERASED]]:
        self.opened.append((list(cells), reading))
        return [self._open(cell, past=past) for cell in cells]

    def _open(self, cell: Cell, *, past: bool = False) -> Any:
        if not is_sealed(cell.value):
            if self.plain:
                return cell.value
            msg = f"{self.entity.name}.{cell.column} holds what is not sealed: {cell.value!r}."
            raise Unreadable(msg)
        entity, column, id, whose, value = content(cell.value)
        bound, wanted = [entity, column, id], [self.entity.name, cell.column, str(cell.id)]
        if bound != wanted or (whose != _text(cell.subject) and not past):
            msg = f"A value of {bound} about {whose} stands where one of {wanted} about {cell.subject} should."
            raise Unreadable(msg)
        if whose is not None and UUID(whose) in self.destroyed:
            return ERASED
        return _python(self.entity.facts[cell.column].kind, value)

    async def tell(self, database: Database, cells: Sequence[Cell], reading: Reading) -> None:
        self.shown.append((list(cells), reading))

    def lookup(self, column: str, dialect: str, *, several: bool) -> Lookup | None:
        return ToyLookup(self, column, dialect) if self.within else None

    async def changed(self, database: Database, changes: Sequence[tuple[Row | None, Row | None]]) -> None:
        self.told.append(list(changes))
        for index in self._unique():
            for before, after in changes:
                if after is not None and (
                    before is None or any(before[c] != after[c] for c in (*index.columns, "deleted_at"))
                ):
                    await self._check_unique(database, index, after)

    def _unique(self) -> Iterator[Index]:
        indexes: Sequence[Index] = self.entity.table.__indexes__  # type: ignore[attr-defined]
        yield from (index for index in indexes if index.unique and not self.columns.keys().isdisjoint(index.columns))

    async def _check_unique(self, database: Database, index: Index, row: Row) -> None:
        if row.get("deleted_at") is not None or any(row[c] is None for c in index.columns):
            return
        for other in await self._rows(database, index.columns):
            if other["id"] != row["id"] and all(other[c] == row[c] for c in index.columns):
                raise UniqueViolation(index.named(self.entity.tablename), self.entity.tablename, index.columns)

    async def find(self, database: Database, column: str, values: Sequence[Any], *, prefix: bool = False) -> list[UUID]:
        rows = await self._rows(database, (column,))
        if prefix:
            return [row["id"] for row in rows if str(row[column]).startswith(tuple(values))]
        return [row["id"] for row in rows if row[column] in values]

    async def _rows(self, database: Database, columns: Sequence[str]) -> list[Row]:
        live = " where t.deleted_at is null" if self.entity.soft_delete else ""
        found = await database.fetch_dicts(
            f"select t.*, {self.subject_sql('t', database.dialect)} as whose from {self.entity.tablename} t{live}"
        )
        rows = [{**row} for row in found]
        for row in rows:
            for column in self.columns.keys() & set(columns):
                if row[column] is not None and row["whose"] not in self.destroyed:
                    row[column] = self._open(Cell(column, row["id"], row["whose"], _unquoted(row[column])))
        return rows


@dataclass
class ToyLookup:
    """Looks values up within a statement: what it is bound to are the ids, which a real one would have tokens for."""

    seal: ToySeal
    column: str
    dialect: str
    most: int = 20

    @property
    def every(self) -> str:
        return self.ids

    @property
    def ids(self) -> str:
        ids = members(self.dialect, "$1", "uuid")
        return f"select t.id as id from {self.seal.entity.tablename} t where t.id in ({ids})"

    @property
    def sql(self) -> str:
        table, whose = self.seal.entity.tablename, self.seal.subject_sql("t", self.dialect)
        ids = members(self.dialect, "$1", "uuid")
        return f"select t.id as id, {whose} as whose, t.{self.column} as value from {table} t where t.id in ({ids})"

    async def values(self, database: Database, values: Sequence[Any]) -> ToyLookedFor | None:
        if self.seal.plain:
            return None
        ids = [*await self.seal.find(database, self.column, values), *self.seal.beside]
        return ToyLookedFor(self.seal, database, self.column, values, [ids])


@dataclass
class ToyLookedFor:
    """See `LookedFor`."""

    seal: ToySeal
    database: Database
    column: str
    values: Sequence[Any]
    params: Sequence[Any]

    async def opened(self, found: Sequence[Found], reading: Reading | None = None) -> Sequence[Any] | None:
        assert all(one.value is not None for one in found), "null is no value"
        cells = [one.cell() for one in found]
        values = [self.seal._open(cell) for cell in cells]
        held = all(
            value in self.values for cell, value in zip(cells, values, strict=True) if cell.column == self.column
        )
        self.seal.held.append(held)
        if held and reading is not None:
            await self.seal.tell(self.database, cells, reading)
        return values if held else None


class Toy:
    """The plugin: `Toy("customer.display_name", "contact_point.value")`, each column with equality and prefix.

    `interaction="deal_id"` says which link leads to whose data an entity's rows are.
    """

    plugin_name = "toy"

    def __init__(
        self, *fields: str, sortable: int = 0, equality: bool = True, prefix: bool = True, **links: str
    ) -> None:
        self.fields, self.links = fields, links
        self.column = SealedColumn(equality=equality, prefix=prefix, sortable=sortable)
        self.seals: dict[str, ToySeal] = {}
        self.destroyed: set[UUID] = set()

    @hookimpl
    def crm_sealing(self, entities: Mapping[str, Entity], settings: Settings) -> Mapping[str, ToySeal]:
        by: dict[str, dict[str, SealedColumn]] = {}
        for said in self.fields:
            entity, _, column = said.partition(".")
            found = entities[entity].facts.get(column)
            shown = "«erased»" if found is not None and found.kind is TEXT else None
            equality = self.column.equality and (found is None or found.kind is not JSON)
            by.setdefault(entity, {})[column] = replace(self.column, erased=shown, equality=equality)
        self.seals = {
            name: ToySeal(entities[name], columns, self.destroyed, link=self.links.get(name))
            for name, columns in by.items()
        }
        return self.seals

    @hookimpl
    async def crm_startup(self, crm: Crm) -> None:
        """Make room for ciphertext: dates and numbers become texts."""
        if crm.database.dialect == "postgresql":
            for name, seal in self.seals.items():
                for column in seal.columns:
                    if crm.entities[name].facts[column].kind.postgresql not in ("TEXT", "JSONB"):
                        await crm.database.execute(
                            f"alter table {crm.entities[name].tablename} alter column {column} type text"
                        )


def content(sealed: str) -> list[Any]:
    """Return what a value is sealed with: entity, column, record, person, the value itself."""
    text = sealed.removeprefix(MARK)
    *bound, _, value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return [*bound, value]


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instants.wire(value)
    return value.isoformat() if isinstance(value, date) else value


def _python(kind: Kind, value: Any) -> Any:
    if kind is INSTANT:
        return instants.parse(value)
    return date.fromisoformat(value) if kind is DATE else value


def _unquoted(value: Any) -> Any:
    """JSON columns hold a sealed value as a JSON text."""
    return json.loads(value) if isinstance(value, str) and value.startswith(f'"{MARK}') else value
