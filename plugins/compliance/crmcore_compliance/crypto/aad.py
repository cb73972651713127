"""What a ciphertext is bound to, as bytes that no other binding gives (additional authenticated data).

Each part is written with its length before it (32 bits, little endian), so that no two lists of parts give the same bytes.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

__all__ = ["NOBODY", "Place", "aad", "joined"]

#: Stands for the subject of a row that is about nobody in particular.
NOBODY: Final = bytes(16)
_FORMAT: Final = b"crm1"
_UUID: Final = (16).to_bytes(4, "little")
_KEY: Final = (4).to_bytes(4, "little")


def joined(*parts: bytes) -> bytes:
    """Return parts as one bytes object; different parts, or as many in another order, give different bytes."""
    return b"".join([piece for part in parts for piece in (len(part).to_bytes(4, "little"), part)])


class Place:
    """One field of one installation, with what is the same for all its values made ready.

    Args:

        tenant: the installation's name.
        field: the field's id, which renaming does not change.
        kind: how the value's bytes are to be read, so that a number never opens as a text.
    """

    __slots__ = ("_before", "_behind")

    def __init__(self, tenant: str, field: str, kind: str) -> None:
        self._before = joined(_FORMAT, tenant.encode(), field.encode()) + _UUID
        self._behind = joined(kind.encode())

    def aad(self, row: UUID, subject: UUID | None, key_id: int) -> bytes:
        """Return what one value is bound to; the same as `aad` gives."""
        about = NOBODY if subject is None else subject.bytes
        return self._before + row.bytes + _UUID + about + _KEY + key_id.to_bytes(4, "big") + self._behind


def aad(tenant: str, field: str, row: UUID, subject: UUID | None, key_id: int, kind: str) -> bytes:
    """Return what one value is bound to."""
    about = NOBODY if subject is None else subject.bytes
    key = key_id.to_bytes(4, "big")
    return joined(_FORMAT, tenant.encode(), field.encode(), row.bytes, about, key, kind.encode())
