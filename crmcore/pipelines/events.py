"""What happens to deals and to the pipelines they go through."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crmcore.events import Created, Deleted, Destroyed, Event, Restored, Updated

__all__ = [
    "DealContactCreated",
    "DealContactDeleted",
    "DealContactDestroyed",
    "DealContactRestored",
    "DealContactUpdated",
    "DealCreated",
    "DealDeleted",
    "DealDestroyed",
    "DealMoved",
    "DealRestored",
    "DealUpdated",
    "PipelineCreated",
    "PipelineDeleted",
    "PipelineDestroyed",
    "PipelineRestored",
    "PipelineUpdated",
    "StageCreated",
    "StageDeleted",
    "StageDestroyed",
    "StageRestored",
    "StageUpdated",
]


@dataclass(frozen=True, kw_only=True)
class DealMoved(Event, of="deal"):
    """A deal came from one stage into another.

    Attributes:

        from_stage_id, to_stage_id: the stages.
        from_pipeline_id, to_pipeline_id: the stages' pipelines; they differ when it went into another one.
        from_status, to_status: names of `DealStatus` members; they differ when the deal was won, lost, reopened or put on hold.
        seconds: how long it had been in the stage it left.
        note: what was said, if anything.
    """

    from_stage_id: UUID
    to_stage_id: UUID
    from_pipeline_id: UUID
    to_pipeline_id: UUID
    from_status: str
    to_status: str
    seconds: int
    note: str | None


class DealCreated(Created, of="deal"):
    """A deal was made."""


class DealUpdated(Updated, of="deal"):
    """A deal was changed."""


class DealDeleted(Deleted, of="deal"):
    """A deal was deleted and can be restored."""


class DealRestored(Restored, of="deal"):
    """A deleted deal is back."""


class DealDestroyed(Destroyed, of="deal"):
    """A deal is gone for ever."""


class DealContactCreated(Created, of="deal_contact"):
    """Somebody has a say in a deal."""


class DealContactUpdated(Updated, of="deal_contact"):
    """Somebody's say in a deal was changed."""


class DealContactDeleted(Deleted, of="deal_contact"):
    """Somebody has no say in a deal any more; this can be restored."""


class DealContactRestored(Restored, of="deal_contact"):
    """Somebody has a say in a deal again."""


class DealContactDestroyed(Destroyed, of="deal_contact"):
    """That somebody had a say in a deal is forgotten for ever."""


class PipelineCreated(Created, of="pipeline"):
    """A pipeline was made."""


class PipelineUpdated(Updated, of="pipeline"):
    """A pipeline was changed."""


class PipelineDeleted(Deleted, of="pipeline"):
    """A pipeline was deleted and can be restored."""


class PipelineRestored(Restored, of="pipeline"):
    """A deleted pipeline is back."""


class PipelineDestroyed(Destroyed, of="pipeline"):
    """A pipeline is gone for ever."""


class StageCreated(Created, of="stage"):
    """A pipeline got one more stage."""


class StageUpdated(Updated, of="stage"):
    """A stage was changed."""


class StageDeleted(Deleted, of="stage"):
    """A stage was deleted."""


class StageRestored(Restored, of="stage"):
    """A deleted stage is back."""


class StageDestroyed(Destroyed, of="stage"):
    """A stage is gone for ever."""
