"""What must be there before the first customer: pipeline, stages, reasons for losing, and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crmcore.customers.actions.tags import folded
from crmcore.interchange.seed.scenarios import Scenario, StageSpec
from crmcore.interchange.seed.seeding import Seeding

__all__ = ["Setup", "make_setup"]

_BASE = "EUR"


@dataclass(frozen=True, slots=True)
class Setup:
    """Ids of what every deal and customer refers to.

    Attributes:

        currency: the pipeline's.
        stages: the open stages in order with their ids; then won and lost by kind in `ends`.
        ranks: the smallest rank in each stage so far, by the stage's id; None for an empty one.
    """

    pipeline_id: UUID
    currency: str
    stages: tuple[tuple[StageSpec, UUID], ...]
    ends: Mapping[str, tuple[StageSpec, UUID]]
    lost_reasons: tuple[UUID, ...]
    tags: tuple[UUID, ...]
    ranks: dict[UUID, str | None]


async def make_setup(seeding: Seeding, scenario: Scenario) -> Setup:
    """Add what is missing of it, and return its ids."""
    at = seeding.now - timedelta(days=790)
    key, name = scenario.pipeline
    first = await seeding.find("pipeline", entity_type="deal", is_default=True) is None
    values = {"name": name, "is_active": True, "is_default": first, "currency": _BASE}
    pipeline = await seeding.have("pipeline", {"key": key}, values, at)
    stages = [(spec, await _stage(seeding, pipeline, n, spec, at)) for n, spec in enumerate(scenario.stages)]
    reasons = [
        await seeding.have("lost_reason", {"code": code}, {"label": label, "category": category}, at)
        for code, label, category in scenario.lost_reasons
    ]
    tags = [await seeding.have("tag", {"folded": folded(tag)}, {"name": tag}, at) for tag in scenario.tags]
    await seeding.flush()
    ends = {spec.kind: (spec, id) for spec, id in stages if spec.kind != "OPEN"}
    ranks = {id: await _top(seeding, id) for _, id in stages}
    opened = tuple((spec, id) for spec, id in stages if spec.kind == "OPEN")
    return Setup(pipeline, _BASE, opened, ends, tuple(reasons), tuple(tags), ranks)


async def _stage(seeding: Seeding, pipeline: UUID, position: int, spec: StageSpec, at: datetime) -> UUID:
    category = {"OPEN": "PIPELINE", "WON": "CLOSED", "LOST": "OMITTED"}[spec.kind]
    values = {
        "name": spec.name,
        "position": position,
        "kind": spec.kind,
        "probability": spec.probability,
        "forecast_category": category,
    }
    return await seeding.have("stage", {"pipeline_id": pipeline, "key": spec.key}, values, at)


async def _top(seeding: Seeding, stage: UUID) -> str | None:
    sql = "select min(rank) from deal where stage_id = $1 and deleted_at is null"
    rank: str | None = await seeding.crm.database.fetch_value(sql, stage)
    return rank
