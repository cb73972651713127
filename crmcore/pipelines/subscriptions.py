"""What of pipelines can be followed as it happens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore.entities.action import Ref
from crmcore.events.live import live
from crmcore.pipelines.events import DealMoved

__all__ = ["deal_moved"]


@live(DealMoved)
def deal_moved(event: DealMoved, pipeline_id: Annotated[UUID, Ref("pipeline"), "Which pipeline."]) -> bool:
    """A deal of a pipeline came from one stage into another, or into the pipeline, or left it."""
    return pipeline_id in (event.from_pipeline_id, event.to_pipeline_id)
