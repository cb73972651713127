"""What happens to interactions and those who take part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crmcore.events import Created, Deleted, Destroyed, Event, Restored, Updated

__all__ = [
    "InteractionCompleted",
    "InteractionCreated",
    "InteractionDeleted",
    "InteractionDestroyed",
    "InteractionLogged",
    "InteractionParticipantCreated",
    "InteractionParticipantDeleted",
    "InteractionParticipantDestroyed",
    "InteractionParticipantRestored",
    "InteractionParticipantUpdated",
    "InteractionRestored",
    "InteractionUpdated",
]


@dataclass(frozen=True, kw_only=True)
class InteractionLogged(Event, of="interaction"):
    """An interaction was recorded that had happened already.

    Attributes:

        interaction_kind: key of a registered interaction kind.
        customer_id: with whom, if known.
        deal_id: for which deal, if for one.
        occurred_at: when it happened, aware UTC.
    """

    interaction_kind: str
    customer_id: UUID | None
    deal_id: UUID | None
    occurred_at: datetime


@dataclass(frozen=True, kw_only=True)
class InteractionCompleted(Event, of="interaction"):
    """An interaction that was planned or under way is done.

    Attributes:

        interaction_kind: key of a registered interaction kind.
        customer_id: with whom, if known.
        deal_id: for which deal, if for one.
        outcome: a short code, if one was given.
    """

    interaction_kind: str
    customer_id: UUID | None
    deal_id: UUID | None
    outcome: str | None


class InteractionCreated(Created, of="interaction"):
    """An interaction was recorded or planned."""


class InteractionUpdated(Updated, of="interaction"):
    """An interaction was changed."""


class InteractionDeleted(Deleted, of="interaction"):
    """An interaction was deleted and can be restored."""


class InteractionRestored(Restored, of="interaction"):
    """A deleted interaction is back."""


class InteractionDestroyed(Destroyed, of="interaction"):
    """An interaction is gone for ever."""


class InteractionParticipantCreated(Created, of="interaction_participant"):
    """Somebody takes part in an interaction."""


class InteractionParticipantUpdated(Updated, of="interaction_participant"):
    """A part in an interaction was changed."""


class InteractionParticipantDeleted(Deleted, of="interaction_participant"):
    """Somebody no longer takes part; this can be restored."""


class InteractionParticipantRestored(Restored, of="interaction_participant"):
    """Somebody takes part again."""


class InteractionParticipantDestroyed(Destroyed, of="interaction_participant"):
    """That somebody took part is forgotten for ever."""
