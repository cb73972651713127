"""Records that were opened for clients a moment ago: theirs to see again without cryptography, and logged as any reading."""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import chain, islice
from time import monotonic
from typing import Any, Final

from crmcore import Database, Entity
from crmcore.entities.sealing import MARK, Cell, OpenedRecord, Reading
from crmcore_compliance.keys.opened import Remembered
from crmcore_compliance.sealing.logged import tell_of_reading
from crmcore_compliance.sealing.texts import STANDARD
from crmcore_compliance.state import compliance_of

__all__ = ["SealMemory"]

#: Characters of what is stored of a record: of a longer one nothing is remembered, or a client that selects a long text
#: under many names could have the memory filled.
_LONGEST: Final = 4_000
#: Where a sealed text has the first six bytes, of which the second to the fifth are the key's id.
_AHEAD, _BEHIND, _BYTES = len(MARK), len(MARK) + 8, 6
#: What nobody can change, so that it may be handed out twice.
_FIXED: Final = frozenset({str, int, float, bool, type(None)})


class SealMemory:
    """See `crmcore.entities.sealing.Memory`.

    Args:

        entity: whose records.
        sensitive: columns of which each reading is logged.
    """

    def __init__(self, entity: Entity, sensitive: Collection[str]) -> None:
        self._entity, self._sensitive = entity, sensitive

    async def recall(
        self, database: Database, keys: Sequence[Hashable], reading: Reading
    ) -> Sequence[Mapping[str, Any] | None]:
        """See `crmcore.entities.sealing.Memory`."""
        compliance = compliance_of(database)
        keyring = compliance.keyring
        await keyring.look()
        get, now = keyring.opened.get, monotonic()
        try:
            known = [get(key) for key in keys]
        except TypeError:
            # A JSON value that is not sealed yet cannot be looked for.
            return [None] * len(keys)
        records: list[OpenedRecord | None] = [
            one.value if one is not None and now < one.until else None for one in known
        ]
        cells = chain.from_iterable(record.cells for record in records if record is not None)
        await tell_of_reading(compliance, self._entity, self._sensitive, cells, reading)
        return [None if record is None else record.shown for record in records]

    async def remember(self, database: Database, records: Sequence[OpenedRecord]) -> None:
        """See `crmcore.entities.sealing.Memory`; what is not sealed, long, or a document is not remembered."""
        keyring = compliance_of(database).keyring
        records = [record for record in records if _rememberable(record)]
        ids = _key_ids([cell for record in records for cell in record.cells])
        for record in records:
            own = frozenset(islice(ids, len(record.cells)))
            ends = [end for id in own if (end := keyring.until(id)) is not None]
            # A key that is gone by now leaves nothing behind.
            if len(ends) == len(own):
                keyring.opened.keep(record.key, Remembered(record, min(ends), own))


def _rememberable(record: OpenedRecord) -> bool:
    stored = [cell.value for cell in record.cells]
    return (
        bool(stored)
        and all(value.__class__ is str and value.startswith(MARK) for value in stored)
        and sum(map(len, stored)) <= _LONGEST
        and _FIXED.issuperset(value.__class__ for value in record.shown.values())
    )


def _key_ids(cells: Sequence[Cell]) -> Iterator[int]:
    heads = "".join([cell.value[_AHEAD:_BEHIND] for cell in cells]).encode().translate(STANDARD)
    found = a2b_base64(heads)
    return (int.from_bytes(found[at + 1 : at + 5], "big") for at in range(0, len(found), _BYTES))
