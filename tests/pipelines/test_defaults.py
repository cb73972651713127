"""What a new CRM has to begin with."""

from __future__ import annotations

from crmcore.pipelines.actions.pipeline import lacking
from tests.customers.desk import Desk


async def test_a_new_crm_has_a_pipeline(desk: Desk) -> None:
    """Sales is active, the default, and has all the stages a pipeline needs."""
    (sales,) = await desk.find("pipeline")
    stages = await desk.find("stage", pipeline_id=sales["id"])
    assert ("sales", True, True, None) == (sales["key"], sales["is_active"], sales["is_default"], lacking(stages))


async def test_a_deal_can_be_made_at_once(desk: Desk) -> None:
    """A name is enough."""
    deal = await desk.create("deal", name="100 lamps")
    assert "prospecting" == (await desk.get("stage", deal["stage_id"]))["key"]


async def test_a_new_crm_has_reasons_for_losing(desk: Desk) -> None:
    """One of each category."""
    reasons = await desk.find("lost_reason", is_active=True)
    assert {"PRICE", "COMPETITOR", "TIMING", "FIT", "NO_BUDGET", "NO_RESPONSE", "OTHER"} == {
        row["category"] for row in reasons
    }
