"""The rules of pipelines and deals, and the actions beyond the verbs that every entity has."""

from crmcore.pipelines.actions.deal import move_deal
from crmcore.pipelines.actions.pipeline import StageInput, create_pipeline
from crmcore.pipelines.actions.ranking import rank_deal
from crmcore.pipelines.actions.stage import delete_stage, reorder_stages

__all__ = [
    "StageInput",
    "create_pipeline",
    "delete_stage",
    "move_deal",
    "rank_deal",
    "reorder_stages",
]
