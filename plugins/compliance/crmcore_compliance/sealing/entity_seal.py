"""What seals the columns of one entity; the core calls it wherever rows are written and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore import Database, Entity, Row, errors
from crmcore.entities.sealing import ERASED, Cell, Lookup, Memory, Reading, SealedColumn
from crmcore_compliance.sealing.at_hand import FEW, of_cells, open_at_hand
from crmcore_compliance.sealing.canonical import CANONICAL, of_stored
from crmcore_compliance.sealing.cells import Door, door_of, open_cells, seal_cells
from crmcore_compliance.sealing.dependants import Dependant, reseal_dependants
from crmcore_compliance.sealing.finding import candidates, plain_matches, sought
from crmcore_compliance.sealing.keeping import Keeping, Told
from crmcore_compliance.sealing.keyed import of_their_keys, openers, sealers
from crmcore_compliance.sealing.known import Known, known
from crmcore_compliance.sealing.logged import tell_of_reading
from crmcore_compliance.sealing.memory import SealMemory
from crmcore_compliance.sealing.paths import Path
from crmcore_compliance.sealing.planning import UNIQUE_BITS
from crmcore_compliance.sealing.texts import unpack
from crmcore_compliance.sealing.within import TokenLookup
from crmcore_compliance.state import Compliance, compliance_of
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceIndexKind

if TYPE_CHECKING:
    from crmcore_compliance.sealing.declared import SealedField
    from crmcore_compliance.sealing.indexes import BlindIndex
    from crmcore_compliance.sealing.unique import UniqueKey

__all__ = ["EntitySeal"]

_STATE = ComplianceColumnState


class EntitySeal:
    """See `crmcore.Seal`.

    Args:

        entity: whose columns.
        fields: that are sealed; none where only others depend on whom its records are about.
        path: to whom a record is about.
        uniques: unique keys with sealed columns.

    Attributes:

        entity, fields, path, uniques: see above.
        columns: what can be done with each.
        subject_columns: that decide whom a record is about.
        sensitive: columns of which each reading is logged.
        dependants: whose records are about whom the records of this entity are about.
    """

    def __init__(
        self,
        entity: Entity,
        fields: Sequence[SealedField],
        path: Path,
        uniques: Sequence[UniqueKey],
    ) -> None:
        self.entity, self.path, self.uniques = entity, path, tuple(uniques)
        self.fields: Mapping[str, SealedField] = {field.column: field for field in fields}
        self.columns: Mapping[str, SealedColumn] = {field.column: field.allowed for field in fields}
        self.subject_columns = path.columns
        self.dependants: list[Dependant] = []
        self._kinds = {column: CANONICAL[entity.facts[column].kind] for column in self.fields}
        self.keeping = Keeping(fields, self.uniques, self._kinds, path.columns)
        self.sensitive = frozenset(column for column, allowed in self.columns.items() if allowed.sensitive)
        self._memory = SealMemory(entity, self.sensitive)

    def memory(self, database: Database) -> Memory | None:
        """See `crmcore.Seal`."""
        return self._memory if compliance_of(database).keyring.opened.most else None

    def subject_sql(self, alias: str, dialect: str) -> str:  # noqa: ARG002 - a way is the same SQL in both
        """See `crmcore.Seal`."""
        return self.path.sql(alias)

    async def subjects(self, database: Database, rows: Sequence[Row]) -> list[UUID | None]:
        """See `crmcore.Seal`."""
        return await self.path.subjects(database, rows)

    async def seal(self, database: Database, cells: Sequence[Cell]) -> list[str]:
        """See `crmcore.Seal`; values of a column that is plain are returned as plain texts."""
        now = await known(database)
        if any(now.state(field.field) is _STATE.PLAIN for field in self.fields.values()):
            return await self._partly(database, now, cells)
        return await self.sealed(database, cells)

    async def sealed(self, database: Database, cells: Sequence[Cell]) -> list[str]:
        """Return values sealed, whatever state their columns are in."""
        keys = await sealers(database, [cell.subject for cell in cells])
        return seal_cells(cells, self.doors(compliance_of(database), await known(database)), keys)

    async def open(
        self, database: Database, cells: Sequence[Cell], reading: Reading | None = None, *, past: bool = False
    ) -> list[Any]:
        """See `crmcore.Seal`."""
        compliance = compliance_of(database)
        values = await self.opened(compliance, await compliance.knowing.fresh(), cells, past=past)
        if reading is not None:
            told = await of_their_keys(compliance.keyring, cells) if past else cells
            await tell_of_reading(compliance, self.entity, self.sensitive, told, reading)
        return values

    async def opened(
        self, compliance: Compliance, now: Known, cells: Sequence[Cell], *, past: bool = False
    ) -> list[Any]:
        """Return values opened, which no client is shown; `now` is what was known when they were asked for."""
        doors = self.doors(compliance, now)
        cached = compliance.keyring.cached
        if len(cells) <= FEW and (values := open_at_hand(of_cells(cells), doors, cached, past=past)):
            return values
        wires = unpack(cells)
        keys = await openers(compliance.keyring, wires)
        return open_cells(cells, wires, doors, keys, past=past)

    async def tell(self, database: Database, cells: Sequence[Cell], reading: Reading) -> None:
        """See `crmcore.Seal`."""
        await tell_of_reading(compliance_of(database), self.entity, self.sensitive, cells, reading)

    async def changed(self, database: Database, changes: Sequence[tuple[Row | None, Row | None]]) -> None:
        """See `crmcore.Seal`; a key that is taken is the `UniqueViolation` of the entity's own index."""
        if self.fields:
            now = await known(database)
            after = [row for _, row in changes if row is not None]
            whole = [{**(before or {}), **row} for before, row in changes if row is not None]
            whose = iter(await self.subjects(database, whole) if after else ())
            told: list[Told] = [(b, a, next(whose) if a is not None else None) for b, a in changes]
            await self.keeping.keep(database, now, told)
        if self.dependants:
            await reseal_dependants(database, self, changes)

    def lookup(self, column: str, dialect: str, *, several: bool) -> Lookup | None:
        """See `crmcore.Seal`; values that many records have are opened before they count, so they are not looked up so."""
        field = self.fields[column]
        return TokenLookup(self, column, dialect, several=several) if field.bits == UNIQUE_BITS else None

    async def find(self, database: Database, column: str, values: Sequence[Any], *, prefix: bool = False) -> list[UUID]:
        """See `crmcore.Seal`; values are compared by the normal form of their field."""
        now, field = await known(database), self.fields[column]
        texts = [self._kinds[column].text(value) for value in values]
        state, most = now.state(field.field), compliance_of(database).settings.matches
        found: list[UUID] = []
        if not texts:
            return found
        kind = ComplianceIndexKind.PREFIX if prefix else ComplianceIndexKind.EQUAL
        if (index := now.index(field.field, kind)) is not None:
            found = await self._by_token(database, index, column, texts, prefix=prefix)
        elif state is _STATE.SEALED:
            msg = f"Tokens of {self.entity.name}.{column} are still being made; try again when complianceSealing says it is done."
            raise errors.Unavailable(msg)
        if state is not _STATE.SEALED:
            found += await plain_matches(database, self.entity, column, texts, most, prefix=prefix)
        return list(dict.fromkeys(found))

    async def _by_token(
        self, database: Database, index: BlindIndex, column: str, texts: Sequence[str], *, prefix: bool
    ) -> list[UUID]:
        most = compliance_of(database).settings.matches
        what = sought(index, texts, column, prefix=prefix)
        subject = self.subject_sql("t", database.dialect)
        rows = await candidates(database, self.entity, column, subject, what, most)
        values = await self.open(database, [Cell(column, *row) for row in rows]) if rows else ()
        text = self._kinds[column].text
        return [
            row[0] for row, value in zip(rows, values, strict=True) if value is not ERASED and what.fits(text(value))
        ]

    async def _partly(self, database: Database, now: Known, cells: Sequence[Cell]) -> list[str]:
        kept = {c for c, f in self.fields.items() if now.state(f.field) is not _STATE.PLAIN}
        texts = iter(await self.sealed(database, [cell for cell in cells if cell.column in kept]))
        return [next(texts) if cell.column in kept else self._kinds[cell.column].text(cell.value) for cell in cells]

    def text_of(self, column: str) -> Callable[[Any], str]:
        """Return what makes of a value the text by which it is compared, and as which it is stored plain."""
        return self._kinds[column].text

    def plain(self, column: str, raw: Any) -> Any:
        """Return the Python value of a plain one as it is stored."""
        return of_stored(self.entity.facts[column].kind, raw)

    def doors(self, compliance: Compliance, now: Known) -> Mapping[str, Door]:
        """Return the sealed fields made ready, by column."""
        name = self.entity.name
        if (found := now.doors.get(name)) is None:
            tenant = compliance.settings.tenant
            found = now.doors[name] = {
                column: door_of(
                    tenant,
                    field.field,
                    self._kinds[column],
                    plain=self._reader(now, field.field, column),
                    loose=self.path.null,
                )
                for column, field in self.fields.items()
            }
        return found

    def _reader(self, now: Known, field: str, column: str) -> Callable[[Any], Any] | None:
        if now.state(field) is _STATE.SEALED:
            return None
        return lambda raw: self.plain(column, raw)
