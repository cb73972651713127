"""Opening one value, or very few, whose keys are in memory: one after the other, with nothing made for many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag

from crmcore.entities.sealing import MARK, Cell
from crmcore_compliance.keys.key import Key
from crmcore_compliance.sealing.cells import BODY, HEAD, Door, altered, of_somebody_else, opener_of
from crmcore_compliance.sealing.texts import wire_of

__all__ = ["FEW", "of_cells", "open_at_hand"]

#: So many values are opened one after the other sooner than all at once.
FEW: Final = 8
#: Of Tink's format, ahead of the key's id: with another version no key has such an id.
_VERSION: Final = 1 << 32


def open_at_hand(
    found: Iterable[tuple[str, bytes, Any]],
    doors: Mapping[str, Door],
    cached: Callable[[int], Key | None],
    *,
    past: bool = False,
) -> list[Any] | None:
    """Return values as `open_cells` does; None if one is not sealed, or its key is not in memory.

    Args:

        found: the values, see `Found`.
        doors: by column.
        cached: see `Keyring`.
        past: whose the values are the keys say, not the records.

    Raises:

        Unreadable: one was altered or moved.
    """
    values: list[Any] = []
    for column, owner, value in found:
        if not isinstance(value, str) or not value.startswith(MARK):
            return None
        wire = wire_of(value)
        if (key := cached(int.from_bytes(wire[:HEAD], "big") ^ _VERSION)) is None:
            return None
        before, behind, decode, _, _, loose = doors[column]
        decrypt, about, _, whose = key.ready or opener_of(key)
        id, subject = owner[:16], owner[16:]
        if subject != whose and not past and not (loose and not subject):
            raise of_somebody_else(column, UUID(bytes=id))
        try:
            data = decrypt(wire[HEAD:BODY], wire[BODY:], before + id + about + behind)
        except (InvalidTag, ValueError):
            raise altered(column, UUID(bytes=id)) from None
        values.append(decode(data))
    return values


def of_cells(cells: Iterable[Cell]) -> list[tuple[str, bytes, Any]]:
    """Return values as `open_at_hand` takes them."""
    return [
        (column, id.bytes if subject is None else id.bytes + subject.bytes, value)
        for column, id, subject, value in cells
    ]
