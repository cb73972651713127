"""Pipelines as a plugin: what this package gives the host, by the same hooks as anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmcore.entities.action import Action
from crmcore.entities.entity import ALL_ACTIONS, Entity, Key
from crmcore.entities.timeline import Timeline
from crmcore.events import After, Event, Inside, inside
from crmcore.events.live import Live
from crmcore.hookspecs import hookimpl
from crmcore.pipelines import tables
from crmcore.pipelines.actions.deal import move_deal, prepare_deal, prepare_deal_contact
from crmcore.pipelines.actions.history import record_arrival, record_move, record_return
from crmcore.pipelines.actions.pipeline import create_pipeline, prepare_pipeline
from crmcore.pipelines.actions.ranking import rank_deal
from crmcore.pipelines.actions.stage import delete_stage, prepare_stage, reorder_stages
from crmcore.pipelines.events import DealCreated, DealMoved, DealRestored, DealUpdated
from crmcore.pipelines.subscriptions import deal_moved

__all__ = ["ENTITIES"]

ENTITIES = (
    # createPipeline is a named action that takes the stages too, deleteStage one that moves the deals.
    Entity(
        tables.Pipeline,
        plural="pipelines",
        prepare=prepare_pipeline,
        keys=(Key("KEY", ("key",)),),
        actions=ALL_ACTIONS - {"create"},
        order=("position",),
        label="name",
    ),
    Entity(
        tables.PipelineTeam,
        plural="pipelineTeams",
        guarded_by="pipeline_id",
        keys=(Key("TEAM", ("pipeline_id", "team_id")),),
        actions=ALL_ACTIONS - {"update"},
    ),
    Entity(
        tables.Stage,
        plural="stages",
        prepare=prepare_stage,
        keys=(Key("KEY", ("pipeline_id", "key")),),
        actions=ALL_ACTIONS - {"delete"},
        order=("position",),
        label="name",
    ),
    Entity(tables.LostReason, plural="lostReasons", keys=(Key("CODE", ("code",)),), label="label"),
    Entity(
        tables.Deal,
        plural="deals",
        prepare=prepare_deal,
        label="name",
        attachable=True,
        searched=("name", "description"),
        timeline=(
            Timeline(
                "DEAL_CREATED",
                "A deal with the customer began.",
                at="created_at",
                path=(("customer_id", "customer"),),
            ),
        ),
    ),
    Entity(
        tables.DealContact,
        plural="dealContacts",
        prepare=prepare_deal_contact,
        guarded_by="deal_id",
        keys=(Key("CUSTOMER", ("deal_id", "customer_id")),),
    ),
    Entity(
        tables.DealStageChange,
        plural="dealStageChanges",
        guarded_by="deal_id",
        actions=frozenset(),
        timeline=(
            Timeline(
                "DEAL_STAGE_CHANGE",
                "A deal of the customer came into a stage.",
                at="entered_at",
                path=(("deal_id", "deal"), ("customer_id", "customer")),
            ),
        ),
    ),
)


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Give pipelines, deals, and what hangs on them."""
    return ENTITIES


@hookimpl
def crm_migrations() -> Path:
    """Say where the migrations are."""
    return Path(__file__).parent / "migrations"


@hookimpl
def crm_actions() -> Iterable[Action[Any, Any]]:
    """Give the mutations beyond the verbs every entity has."""
    return [create_pipeline, reorder_stages, delete_stage, move_deal, rank_deal]


@hookimpl
def crm_graphql() -> Iterable[Live[Any, Any]]:
    """Give what can be followed beyond each record."""
    return [deal_moved]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """Give what can happen to deals beyond the five verbs."""
    return [DealMoved]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Remember the way of every deal."""
    return [inside(DealCreated, record_arrival), inside(DealUpdated, record_move), inside(DealRestored, record_return)]
