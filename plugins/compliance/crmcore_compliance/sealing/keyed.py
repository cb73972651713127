"""The keys that some values need: those of their subjects for sealing, those they name for opening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from crmcore import Database
from crmcore.entities.sealing import Cell
from crmcore_compliance.crypto import Unreadable
from crmcore_compliance.keys.key import Key
from crmcore_compliance.keys.keyring import Keyring
from crmcore_compliance.sealing.cells import Opener, opener_of
from crmcore_compliance.sealing.texts import unpack
from crmcore_compliance.state import compliance_of

__all__ = ["of_their_keys", "openers", "sealers"]

_VERSION: Final = b"\x01"
_HEADER: Final = 5


async def sealers(
    database: Database, subjects: Sequence[UUID | None], *, counted: bool = True
) -> Mapping[UUID | None, Key]:
    """Return the current key of each subject; one that has none yet gets one.

    Args:

        database: whose.
        subjects: once for each value that is going to be sealed.
        counted: whether they are going to be.

    Raises:

        Unavailable: the key service is away, or a key has sealed as much as it may.
    """
    values = Counter(subjects)
    keys = await compliance_of(database).keyring.subject_keys(list(values))
    for subject, count in values.items() if counted else ():
        keys[subject].count(count)
    return keys


async def openers(keyring: Keyring, wires: Iterable[bytes | None]) -> Mapping[bytes, Opener | None]:
    """Return keys by the first bytes of what they sealed; None for one that was destroyed, none for one that never was.

    Raises:

        Unreadable: some bytes are no ciphertext.
    """
    found: dict[bytes, Opener | None] = {}
    missing: list[int] = []
    for header in {wire[:5] for wire in wires if wire is not None}:
        if header[:1] != _VERSION or len(header) != _HEADER:
            raise Unreadable.because("it is not in Tink's format.")
        id = int.from_bytes(header[1:], "big")
        if (key := keyring.cached(id)) is not None:
            found[header] = opener_of(key)
        else:
            missing.append(id)
    if missing:
        for id, read in (await keyring.keys(missing)).items():
            found[_VERSION + id.to_bytes(4, "big")] = None if read is None else opener_of(read)
    return found


async def of_their_keys(keyring: Keyring, cells: Sequence[Cell]) -> list[Cell]:
    """Return values of the past about whom their keys are: that a record was about somebody else nothing else says."""
    wires = unpack(cells)
    keys = await openers(keyring, wires)
    return [
        cell if wire is None or (key := keys[wire[:_HEADER]]) is None else cell._replace(subject=key[2])
        for cell, wire in zip(cells, wires, strict=True)
    ]
