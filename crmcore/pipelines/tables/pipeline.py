"""What an installation sets up before it sells: pipelines, their stages and teams, and reasons for losing."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record

__all__ = ["ForecastCategory", "LostReason", "LostReasonCategory", "Pipeline", "PipelineTeam", "Stage", "StageKind"]


class StageKind(Enum):
    """What being in a stage means for a deal."""

    OPEN = "It may still be won or lost."
    WON = "It is won."
    LOST = "It is lost."


class ForecastCategory(Enum):
    """How a forecast counts the deals of a stage."""

    OMITTED = "Not at all."
    PIPELINE = "As possible."
    BEST_CASE = "As likely if things go well."
    COMMIT = "As good as certain."
    CLOSED = "As done."


class LostReasonCategory(Enum):
    """What kind of reason it is, the same in every installation."""

    PRICE = "Too expensive."
    COMPETITOR = "Somebody else was chosen."
    TIMING = "Not now."
    FIT = "Not what is needed."
    NO_BUDGET = "There is no money for it."
    NO_RESPONSE = "Nobody answers any more."
    OTHER = "Something else."


class Pipeline(Record, Table, tablename="pipeline"):
    """A way that deals go, stage by stage, until they are won or lost."""

    key = c.text(
        "Its name in scripts and mappings: small letters, digits, - and _.",
        default=None,
        max_length=64,
        write=Write.CREATE,
        personal=False,
    )
    name = c.text("Its name for people.", personal=False)
    description = c.text("What goes through it.", null=True, max_length=20_000, form="text", personal=False)
    entity_type = c.text(
        "What goes through it: deal, or an entity of a plugin.",
        default="deal",
        max_length=80,
        write=Write.CREATE,
        personal=False,
    )
    is_default = c.flag("Whether records that name no pipeline go into this one; choosing one unchooses the other.")
    is_active = c.flag(
        "Whether anything new may go into it. It needs stages first: at least one OPEN, exactly one WON, at least one LOST."
    )
    position = c.integer("Where it stands among the others; smaller comes first.", default=0)
    currency = c.currency("The currency in which its deals are added up (baseAmount).")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("key",), unique=True, live=True),
        Index(("entity_type",), unique=True, live=True, where="is_default", name="pipeline_default_key"),
    )


class PipelineTeam(Record, Table, tablename="pipeline_team"):
    """That a team works in a pipeline; a pipeline that names teams takes no other team's deals."""

    pipeline_id = c.link(
        "pipeline",
        "The pipeline.",
        references=Pipeline,
        inverse="teams",
        inverse_description="The teams that work in this pipeline; none means any.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    team_id = c.link(
        "team", "The team.", references="crmcore.access.tables:Team", on_delete="CASCADE", write=Write.CREATE
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("pipeline_id", "team_id"), unique=True, live=True),
        Index(("pipeline_id",)),
        Index(("team_id",)),
    )


class Stage(Record, Table, tablename="stage"):
    """A step of a pipeline."""

    pipeline_id = c.link(
        "pipeline",
        "Whose step it is.",
        references=Pipeline,
        inverse="stages",
        inverse_description="The steps of this pipeline.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    key = c.text(
        "Its name in scripts and mappings, one of a kind in the pipeline: small letters, digits, - and _.",
        default=None,
        max_length=64,
        write=Write.CREATE,
        personal=False,
    )
    name = c.text("Its name for people.", personal=False)
    description = c.text("When a deal belongs here.", null=True, max_length=20_000, form="text", personal=False)
    position = c.integer(
        "Where it stands in the pipeline; smaller comes first. Left out, it comes last.", default=None, minimum=0
    )
    kind = c.choice(StageKind, "What being here means for a deal; never changes.", write=Write.CREATE)
    is_on_hold = c.flag("For OPEN: whether deals here rest (status ON_HOLD); never changes.", write=Write.CREATE)
    probability = c.integer(
        "Chance to win in percent; 100 for WON, 0 for LOST, and 0 if left out.", default=None, minimum=0, maximum=100
    )
    forecast_category = c.choice(
        ForecastCategory,
        "How a forecast counts deals here; by default PIPELINE, CLOSED for WON, OMITTED for LOST.",
        default=None,
    )
    color = c.text("How to paint it, as in #2f6f4f.", null=True, max_length=32, personal=False)
    expected_days = c.integer("How many days a deal should stay at most.", null=True, minimum=0)
    wip_limit = c.integer("How many deals should be here at most; boards warn above it.", null=True, minimum=1)
    required_fields = c.json(
        'Fields of a deal that must be filled before it may enter, as in ["amount", "expectedCloseDate"].',
        personal=False,
    )
    allowed_next = c.json("Keys of the stages a deal may go to from here; null means any.", personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("pipeline_id", "key"), unique=True, live=True),
        Index(("pipeline_id", "position"), unique=True, live=True),
        Index(("pipeline_id",), unique=True, live=True, where="kind = 'WON'", name="stage_won_key"),
        Index(("pipeline_id",)),
    )


class LostReason(Record, Table, tablename="lost_reason"):
    """Why deals are lost."""

    code = c.text("Its name in scripts and mappings.", max_length=64, write=Write.CREATE, personal=False)
    label = c.text("Its name for people.", personal=False)
    category = c.choice(LostReasonCategory, "What kind of reason it is.", default=LostReasonCategory.OTHER)
    is_active = c.flag("Whether it can still be chosen.", default=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code",), unique=True, live=True),)
