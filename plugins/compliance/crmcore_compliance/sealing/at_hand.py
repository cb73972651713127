"""Opening one value, or very few, whose keys are in memory: one after the other, with nothing made for many of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidTag

from crmcore.entities.sealing import MARK, Cell
from crmcore_compliance.keys.key import Key
from crmcore_compliance.sealing.cells import BODY, HEAD, Door, altered, of_somebody_else, opener_of
from crmcore_compliance.sealing.texts import wire_of

__all__ = ["FEW", "open_at_hand"]

#: So many values are opened one after the other sooner than all at once.
FEW: Final = 8
_VERSION: Final = b"\x01"


def open_at_hand(
    cells: Sequence[Cell], doors: Mapping[str, Door], cached: Callable[[int], Key | None], *, past: bool
) -> list[Any] | None:
    """Return values as `open_cells` does; None if one is not sealed, or its key is not in memory.

    Args:

        cells: the values.
        doors: by column.
        cached: see `Keyring`.
        past: whose the values are the keys say, not the cells.

    Raises:

        Unreadable: one was altered or moved.
    """
    values: list[Any] = []
    for column, id, subject, value in cells:
        if not isinstance(value, str) or not value.startswith(MARK):
            return None
        wire = wire_of(value)
        if wire[:1] != _VERSION or (key := cached(int.from_bytes(wire[1:HEAD], "big"))) is None:
            return None
        before, behind, decode, _, _, loose = doors[column]
        decrypt, about, whose = key.ready or opener_of(key)
        # By their numbers: UUIDs are compared in Python.
        if (subject and subject.int) != (whose and whose.int) and not past and not (loose and subject is None):
            raise of_somebody_else(column, id)
        try:
            data = decrypt(wire[HEAD:BODY], wire[BODY:], before + id.int.to_bytes(16, "big") + about + behind)
        except (InvalidTag, ValueError):
            raise altered(column, id) from None
        values.append(decode(data))
    return values
