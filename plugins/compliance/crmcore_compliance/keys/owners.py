"""To whom a key belongs, as the keystore writes it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

__all__ = ["INDEX", "SIGNING", "TENANT", "owner_of", "subject_of"]

#: Owner of the key for data of nobody in particular.
TENANT: Final = "tenant"
#: Owner of the secret that keys of blind indexes are derived from.
INDEX: Final = "index"
#: Owner of the key that signs.
SIGNING: Final = "signing"


def owner_of(subject: UUID | None) -> str:
    """Return how a subject is written."""
    return TENANT if subject is None else str(subject)


def subject_of(owner: str) -> UUID | None:
    """Return the subject that was written."""
    return None if owner in (TENANT, INDEX, SIGNING) else UUID(owner)
