"""The way every deal went: one row for each stay in a stage, which nobody edits."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record
from crmcore.pipelines.tables.deal import Deal
from crmcore.pipelines.tables.pipeline import Stage

__all__ = ["DealStageChange"]


class DealStageChange(Record, Table, tablename="deal_stage_change"):
    """That a deal came into a stage, and how long it stayed; createdBy says who moved it."""

    deal_id = c.link(
        "deal",
        "Which deal.",
        references=Deal,
        inverse="stageChanges",
        inverse_description="The way this deal went.",
        on_delete="CASCADE",
        write=Write.NEVER,
    )
    from_stage_id = c.link(
        "stage", "The stage before; null for the first.", references=Stage, null=True, write=Write.NEVER
    )
    to_stage_id = c.link(
        "stage",
        "The stage it came into.",
        references=Stage,
        inverse="arrivals",
        inverse_description="The deals that came into this stage, and when.",
        write=Write.NEVER,
    )
    entered_at = c.instant("When it came into the stage; createdAt says when that was recorded.", write=Write.NEVER)
    left_at = c.instant("When it left the stage; null while it is there.", null=True, write=Write.NEVER)
    duration_seconds = c.integer("How many seconds it stayed; null while it is there.", null=True, write=Write.NEVER)
    probability_at = c.integer("Chance to win in percent when it came.", null=True, write=Write.NEVER)
    amount_at = c.minor_units("What it was worth when it came.", currency="amount_at_currency", write=Write.NEVER)
    amount_at_currency = c.currency("Currency of that amount.", write=Write.NEVER)
    note = c.text(
        "What was said.", null=True, max_length=20_000, form="text", write=Write.NEVER, personal="user.content"
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("deal_id", "entered_at")),
        Index(("deal_id",), unique=True, live=True, where="left_at is null", name="deal_stage_change_present_key"),
        Index(("from_stage_id",)),
        Index(("to_stage_id", "entered_at")),
    )
