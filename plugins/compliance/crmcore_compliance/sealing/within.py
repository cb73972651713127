"""Look-ups that the statement which reads the records makes itself: of values that one record has, or very few."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import msgspec

from crmcore import Database
from crmcore.entities.sealing import ERASED, Cell, LookedFor, Reading
from crmcore_compliance.sealing.at_hand import FEW, open_at_hand
from crmcore_compliance.sealing.finding import ids_sql, rows_sql
from crmcore_compliance.sealing.logged import tell_of_reading
from crmcore_compliance.state import Compliance, compliance_of, running
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceIndexKind

if TYPE_CHECKING:
    from crmcore_compliance.sealing.entity_seal import EntitySeal
    from crmcore_compliance.sealing.indexes import BlindIndex
    from crmcore_compliance.sealing.known import Known

__all__ = ["TokenLookup"]

#: Records that may be found beside an answer; for more, values are looked up before.
_MOST: Final = 20


class TokenLookup:
    """See `crmcore.entities.sealing.Lookup`.

    Args:

        seal: of the entity.
        column: which.
        dialect: the database's.
        several: whether more values than one are looked up.
    """

    most = _MOST

    def __init__(self, seal: EntitySeal, column: str, dialect: str, *, several: bool) -> None:
        self._seal, self._column, self._several = seal, column, several
        self._field, self._text = seal.fields[column].field, seal.text_of(column)
        self._ready: tuple[Known, BlindIndex | None] | None = None
        # Distinct is free by SQLite's index; PostgreSQL has a step more for it.
        self.every = ids_sql(dialect, several=several, distinct=dialect == "sqlite")
        self.ids = f"{ids_sql(dialect, several=several, distinct=True)} limit {self.most + 1}"
        self.sql = rows_sql(self.ids, seal.entity, column, seal.subject_sql("t", dialect))

    async def values(self, database: Database, values: Sequence[Any]) -> LookedFor | None:
        """See `crmcore.entities.sealing.Lookup`; None while the index does not have all values."""
        compliance = running(database) or compliance_of(database)
        knowing = compliance.knowing
        # A call less where it is known, as nearly always.
        now = knowing.latest if monotonic() < knowing.until else await knowing.fresh()
        if self._ready is None or self._ready[0] is not now:
            self._ready = now, self._index(now)
        if (index := self._ready[1]) is None:
            return None
        texts = [*map(self._text, values)]
        tokens = [*map(index.token, map(index.normalise, texts))]
        params = index.number, tokens if self._several else tokens[0]
        return _Tokens(compliance, now, self._seal, self._column, self._text, texts, index, params)

    def _index(self, now: Known) -> BlindIndex | None:
        if now.state(self._field) is not ComplianceColumnState.SEALED:
            return None
        return now.index(self._field, ComplianceIndexKind.EQUAL)


class _Tokens(msgspec.Struct, frozen=True, eq=False):
    """See `crmcore.entities.sealing.LookedFor`."""

    compliance: Compliance
    now: Known
    seal: EntitySeal
    column: str
    text: Callable[[Any], str]
    texts: Sequence[str]
    blind: BlindIndex
    params: Sequence[Any]

    async def opened(self, found: Sequence[Cell], reading: Reading | None = None) -> Sequence[Any] | None:
        """See `crmcore.entities.sealing.LookedFor`."""
        if not found:
            return ()
        seal, compliance = self.seal, self.compliance
        doors = self.now.doors.get(seal.entity.name) or seal.doors(compliance, self.now)
        values = open_at_hand(found, doors, compliance.keyring.cached, past=False) if len(found) <= FEW else None
        if values is None:
            values = await seal.opened(compliance, self.now, found)
        for (column, _, _, _), value in zip(found, values, strict=True):
            if column != self.column:
                continue
            if value is ERASED:
                return None
            if (text := self.text(value)) not in self.texts and not self._fits(text):
                return None
        # As `tell_of_reading` begins: a call less where nobody is to be told, as nearly always.
        if reading is not None and (log := compliance.log) is not None and (seal.sensitive or log.watched):
            await tell_of_reading(compliance, seal.entity, seal.sensitive, found, reading)
        return values

    def _fits(self, text: str) -> bool:
        """Say whether a text is one of those looked for, written otherwise."""
        form = self.blind.normalise(text)
        return any(form == self.blind.normalise(wanted) for wanted in self.texts)
