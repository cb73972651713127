"""The rules of pipelines and deals, and the actions beyond the verbs that every entity has."""

from crmcore.pipelines.actions.deal import move_deal
from crmcore.pipelines.actions.pipeline import StageInput, create_pipeline
from crmcore.pipelines.actions.ranking import rank_deal
from crmcore.pipelines.actions.stage import delete_stage, reorder_stages
from crmcore.pipelines.actions.told import StageMove, record_stage_history

__all__ = [
    "StageInput",
    "StageMove",
    "create_pipeline",
    "delete_stage",
    "move_deal",
    "rank_deal",
    "record_stage_history",
    "reorder_stages",
]
