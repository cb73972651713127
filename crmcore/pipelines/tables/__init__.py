"""The tables of pipelines and deals."""

from crmcore.pipelines.tables.deal import (
    Deal,
    DealContact,
    DealContactRole,
    DealStatus,
    ProbabilitySource,
    RecurringInterval,
)
from crmcore.pipelines.tables.history import DealStageChange
from crmcore.pipelines.tables.pipeline import (
    ForecastCategory,
    LostReason,
    LostReasonCategory,
    Pipeline,
    PipelineTeam,
    Stage,
    StageKind,
)

__all__ = [
    "Deal",
    "DealContact",
    "DealContactRole",
    "DealStageChange",
    "DealStatus",
    "ForecastCategory",
    "LostReason",
    "LostReasonCategory",
    "Pipeline",
    "PipelineTeam",
    "ProbabilitySource",
    "RecurringInterval",
    "Stage",
    "StageKind",
]
