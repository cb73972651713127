"""A pipeline with a stage of each sort, and reasons to lose."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.entities.store import Row
from crmcore.pipelines.actions import StageInput, create_pipeline, move_deal
from crmcore.pipelines.tables import StageKind
from tests.customers.desk import Desk

OPEN, WON, LOST = StageKind.OPEN, StageKind.WON, StageKind.LOST

STAGES = [
    StageInput("New", probability=10),
    StageInput("Talks", probability=50),
    StageInput("Waiting", is_on_hold=True, probability=20),
    StageInput("Won", WON),
    StageInput("Lost", LOST),
]


class Board:
    """A pipeline, its stages by key, and what is done with its deals."""

    def __init__(self, desk: Desk, pipeline: Row, stages: dict[str, Row], price: Row) -> None:
        self.desk, self.pipeline, self.stages, self.price = desk, pipeline, stages, price

    async def deal(self, stage: str = "new", **values: Any) -> Row:
        """Make a deal in a stage."""
        return await self.desk.create("deal", **{"name": "100 lamps", "stage_id": self.id(stage), **values})

    async def move(self, deal: Row, stage: str, **more: Any) -> Row:
        """Move a deal by moveDeal."""
        return await self.desk.do(move_deal, deal["id"], self.id(stage), **more)

    def id(self, stage: str) -> Any:
        """Give a stage's id."""
        return self.stages[stage]["id"]

    async def history(self, deal: Row) -> list[Row]:
        """Give a deal's stays, oldest first."""
        return await self.desk.find("deal_stage_change", deal_id=deal["id"])

    def key(self, deal: Row) -> str:
        """Give the key of the stage a deal is in."""
        return next(key for key, row in self.stages.items() if row["id"] == deal["stage_id"])


async def made(desk: Desk, name: str = "Direct", stages: list[StageInput] = STAGES, **more: Any) -> Board:
    """Make a board."""
    pipeline = await desk.do(create_pipeline, name, stages, **more)
    rows = {row["key"]: row for row in await desk.find("stage", pipeline_id=pipeline["id"])}
    prices = await desk.find("lost_reason", code="TOO_DEAR")
    price = (
        prices[0] if prices else await desk.create("lost_reason", code="TOO_DEAR", label="Too dear", category="PRICE")
    )
    return Board(desk, pipeline, rows, price)


@pytest.fixture
async def board(desk: Desk) -> Board:
    """The default pipeline, in euros: new, talks, waiting (on hold), won, lost."""
    return await made(desk, currency="EUR", is_default=True)
