"""The person whose data are held, and what plugins say of what they hold and of what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

__all__ = ["Erasure", "Exported", "Fate", "Subject"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A customer who asks what is held of them, or that it be erased.

    Attributes:

        id: the customer.
        ids: the customer and those who turned out to be them (`merged_into`); the first is `id`.
        request_id: the request behind it, if any.
        delete: whether rows may go; False empties what is personal in them and lets them stand.
    """

    id: UUID
    ids: tuple[UUID, ...]
    request_id: str | None = None
    delete: bool = True


@dataclass(frozen=True, slots=True)
class Exported:
    """What a plugin holds of a subject beyond the records of its entities, which are found without it.

    Attributes:

        section: short name, unique in the plugin (`balance`).
        description: one sentence for the person who reads it.
        records: what is held, as JSON has it.
    """

    section: str
    description: str
    records: Sequence[Mapping[str, Any]]


class Fate(Enum):
    """What erasing does with rows."""

    DELETED = "They are gone."
    ANONYMISED = "They stand, and lead to nobody any more."
    KEPT = "They stay as they are, for a reason that is given."


@dataclass(frozen=True, slots=True)
class Erasure:
    """What erasing did with some rows.

    Attributes:

        entity: whose rows.
        fate: what became of them.
        rows: how many.
        because: why, one sentence for the person and for an authority.
    """

    entity: str
    fate: Fate
    rows: int
    because: str
