"""Look-ups that the statement which reads the records makes itself: of values that one record has, or very few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import msgspec

from crmcore import Database
from crmcore.entities.sealing import ERASED, Found, LookedFor, Reading
from crmcore_compliance.sealing.at_hand import FEW, open_at_hand
from crmcore_compliance.sealing.finding import ids_sql, rows_sql
from crmcore_compliance.sealing.logged import tell_of_reading
from crmcore_compliance.state import Compliance, compliance_of, running
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceIndexKind

if TYPE_CHECKING:
    from crmcore_compliance.keys.key import Key
    from crmcore_compliance.sealing.cells import Door
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
        self._ready: _Ready | None = None
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
        ready = self._ready
        if ready is None or ready.now is not now:
            ready = self._ready = _ready(compliance, now, self._seal, self._column)
        if (index := ready.index) is None:
            return None
        texts = [*map(ready.text, values)]
        tokens = [*map(index.token, map(index.normalise, texts))]
        return _Tokens(ready, texts, (index.number, tokens if self._several else tokens[0]))


class _Ready(msgspec.Struct, frozen=True, eq=False):
    """What every look-up of one column needs for as long as what is known of the columns stays the same.

    Attributes:

        compliance, now, seal, column: what is looked up, and what is known.
        text: from a value to the text by which it is compared.
        index: by whose tokens it is found; None while it does not have all values.
        doors: of the entity.
        cached: see `Keyring`.
    """

    compliance: Compliance
    now: Known
    seal: EntitySeal
    column: str
    text: Callable[[Any], str]
    index: BlindIndex | None
    doors: Mapping[str, Door]
    cached: Callable[[int], Key | None]


def _ready(compliance: Compliance, now: Known, seal: EntitySeal, column: str) -> _Ready:
    field = seal.fields[column].field
    whole = now.state(field) is ComplianceColumnState.SEALED
    index = now.index(field, ComplianceIndexKind.EQUAL) if whole else None
    doors = seal.doors(compliance, now)
    return _Ready(compliance, now, seal, column, seal.text_of(column), index, doors, compliance.keyring.cached)


class _Tokens(msgspec.Struct, frozen=True, eq=False):
    """See `crmcore.entities.sealing.LookedFor`."""

    ready: _Ready
    texts: Sequence[str]
    params: Sequence[Any]

    async def opened(self, found: Sequence[Found], reading: Reading | None = None) -> Sequence[Any] | None:
        """See `crmcore.entities.sealing.LookedFor`."""
        if not found:
            return ()
        ready = self.ready
        compliance, seal, wanted, text = ready.compliance, ready.seal, ready.column, ready.text
        values = open_at_hand(found, ready.doors, ready.cached) if len(found) <= FEW else None
        if values is None:
            values = await seal.opened(compliance, ready.now, [one.cell() for one in found])
        for one, value in zip(found, values, strict=True):
            if one[0] == wanted and (
                value is ERASED or ((own := text(value)) not in self.texts and not self._fits(own))
            ):
                return None
        # As `tell_of_reading` begins: a call less where nobody is to be told, as nearly always.
        if reading is not None and (log := compliance.log) is not None and (seal.sensitive or log.watched):
            cells = [one.cell() for one in found]
            await tell_of_reading(compliance, seal.entity, seal.sensitive, cells, reading)
        return values

    def _fits(self, text: str) -> bool:
        """Say whether a text is one of those looked for, written otherwise."""
        index = self.ready.index
        assert index is not None
        form = index.normalise(text)
        return any(form == index.normalise(wanted) for wanted in self.texts)
