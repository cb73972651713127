"""What this process knows of the sealed columns of a database: how far each is sealed, and which indexes it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

from crmcore import Database
from crmcore_compliance.crypto import TokenKey
from crmcore_compliance.sealing.indexes import BlindIndex
from crmcore_compliance.sealing.normal import normaliser
from crmcore_compliance.state import Compliance, compliance_of
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceIndexKind, ComplianceIndexState

if TYPE_CHECKING:
    from crmcore_compliance.sealing.cells import Door

__all__ = ["FRESH", "Knowing", "Known", "known"]

#: Seconds for which a process may go by what it read last.
FRESH: Final = 1.0

_COLUMNS: Final = "select field, state from compliance_column"
_INDEXES: Final = """
    select number, field, kind, version, state, bits, normaliser from compliance_index
    where state <> 'OLD' order by number
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read.

    Attributes:

        states: how far each field is sealed.
        indexes: those of each field, and of each unique index by its name.
        doors: made of it by entity, when they are first wanted.
    """

    states: Mapping[str, ComplianceColumnState]
    indexes: Mapping[str, tuple[BlindIndex, ...]]
    doors: dict[str, dict[str, Door]] = field(default_factory=dict, compare=False)
    _asked: dict[tuple[str, str], BlindIndex | None] = field(default_factory=dict, compare=False)

    def state(self, field: str) -> ComplianceColumnState:
        """Return how far a field is sealed."""
        return self.states.get(field, ComplianceColumnState.PLAIN)

    def index(self, field: str, kind: ComplianceIndexKind) -> BlindIndex | None:
        """Return the index that is asked, None if there is none yet."""
        # Not by the member itself, whose hash is Python's affair.
        asked = field, kind.name
        if asked not in self._asked:
            self._asked[asked] = self._live(field, kind)
        return self._asked[asked]

    def _live(self, field: str, kind: ComplianceIndexKind) -> BlindIndex | None:
        live = [i for i in self.indexes.get(field, ()) if i.kind is kind and i.state is ComplianceIndexState.LIVE]
        # While one takes the place of another, both are live.
        return max(live, key=lambda i: i.version, default=None)


class Knowing:
    """Reads it again when it is older than `FRESH`; one for each running CRM.

    Args:

        compliance: of the CRM.

    Attributes:

        latest, until: what was read last, and until when one may go by it, by the clock of `monotonic`; else ask `fresh`.
    """

    def __init__(self, compliance: Compliance) -> None:
        self._compliance = compliance
        self.latest = Known({}, {})
        self.until = 0.0

    async def fresh(self) -> Known:
        """Return what is known, read within the last second."""
        if monotonic() >= self.until:
            self.latest = await self._read()
            self.until = monotonic() + FRESH
        return self.latest

    def forget(self) -> None:
        """Have it read again at once."""
        self.until = 0.0

    async def _read(self) -> Known:
        database = self._compliance.crm.database
        columns = await database.fetch(_COLUMNS)
        indexes = await database.fetch(_INDEXES)
        states = {field: ComplianceColumnState[state] for field, state in columns}
        found: dict[str, tuple[BlindIndex, ...]] = {}
        before = {index.number: index for of in self.latest.indexes.values() for index in of}
        for number, name, kind, version, state, bits, form in indexes:
            old = before.get(number)
            key = old.key if old else TokenKey(await self._compliance.keyring.index_key(name, kind.lower(), version))
            index = BlindIndex(
                number,
                name,
                ComplianceIndexKind[kind],
                version,
                ComplianceIndexState[state],
                bits,
                form,
                old.normalise if old else normaliser(form, self._compliance.settings.region),
                key,
            )
            found[name] = (*found.get(name, ()), index)
        if states == self.latest.states and found == self.latest.indexes:
            return self.latest
        return Known(states, found)


async def known(database: Database) -> Known:
    """Return what is known of a database's sealed columns."""
    return await compliance_of(database).knowing.fresh()
