"""Deals whose history differs here and in the file."""

from __future__ import annotations

from pathlib import Path

from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work
from tests.interchange.conftest import Bring, Count, Maven


async def _move(crm: Crm, external_id: str, stage: str) -> None:
    async def unit(work: Work) -> None:
        (known,) = await work.find("external_id", external_id=external_id)
        (pipeline,) = await work.find("pipeline", key="maven")
        (target,) = await work.find("stage", name=stage, pipeline_id=pipeline["id"])
        values = {"stage_id": target["id"]}
        if stage == "Lost":
            values["lost_reason_id"] = (await work.find("lost_reason", code="unknown"))[0]["id"]
        await actions.update(work, "deal", known["record_id"], values)

    await crm.run(Actor.system(), unit)


async def test_a_deal_that_is_further_here_stays(crm: Crm, maven: Maven, count: Count) -> None:
    """The file is the older of the two: the deal is not moved back."""
    await maven("deals")
    await _move(crm, "AAAA0003", "Lost")
    report = await maven("deals", only=True)
    assert (0, 5, 0) == (report.records["deal"].updated, report.records["deal"].unchanged, report.refused)
    assert 2 == await count("deal", "status = 'LOST'")


async def test_a_deal_that_went_another_way_is_refused(crm: Crm, maven: Maven, files: Path) -> None:
    """Nobody can say which of the two is right; the reason says what to do."""
    await maven("deals")
    await _move(crm, "AAAA0003", "Lost")
    path = files / "sales_pipeline.csv"
    text = path.read_text("utf-8").replace(
        "GTX Pro,,Engaging,03-11-16,,,Q4 2016,", "GTX Pro,Vega,Won,03-11-16,05-01-17,4000,,"
    )
    path.write_text(text, "utf-8")
    report = await maven("deals", only=True)
    (row,) = report.first_refusals
    assert ("CONFLICT", 4) == (row.code, row.line)
    assert "went another way here than in the file" in row.reason


async def test_a_deal_whose_beginning_was_unknown_moves_on(crm: Crm, maven: Maven, files: Path) -> None:
    """It entered its first stage on import; an earlier date of the next move is taken as that moment."""
    await maven("deals")
    path = files / "sales_pipeline.csv"
    path.write_text(path.read_text("utf-8").replace("Prospecting,,,,,", "Engaging,02-01-17,,,,"), "utf-8")
    report = await maven("deals", only=True)
    assert (1, 0) == (report.records["deal"].updated, report.refused)
    seconds = "select duration_seconds from deal_stage_change h join stage s on s.id = h.to_stage_id where s.name = 'Prospecting' and h.left_at is not null"
    assert 0 == await crm.database.fetch_value(seconds)


async def test_the_rules_of_moving_hold_for_imports(maven: Maven, files: Path, count: Count) -> None:
    """A won deal needs a customer, whatever the door; and nothing closes before it began."""
    path = files / "sales_pipeline.csv"
    text = path.read_text("utf-8").replace("GTX Pro,,Engaging,03-11-16,,", "GTX Pro,,Won,03-11-16,05-01-17,1")
    path.write_text(text.replace("20-10-16,01-03-17", "20-10-16,01-03-16"), "utf-8")
    report = await maven("deals")
    reasons = {row.line: row.reason for row in report.first_refusals}
    assert {2, 4} == set(reasons)
    assert "say which customer" in reasons[4]
    assert "when the present stage began" in reasons[2]
    assert 3 == await count("deal")


async def test_a_stage_that_does_not_exist_is_named(bring: Bring) -> None:
    """The refusal says which stage the mapping asks for."""
    mapping = """
title = "Deals"
[[records]]
entity = "deal"
external = { system = "old", id = "number" }
fields.name = "number"
fields.pipelineId = { text = "Sales", find = "pipeline" }
moves = [{ stage = "Nirvana" }]
"""
    report = await bring(mapping.replace("Sales", "Missing pipeline"), "number\n1\n")
    assert "Missing pipeline" in report.first_refusals[0].reason
    setup = '[[setup]]\nentity = "pipeline"\nkey = "KEY"\nvalues = { key = "empty", name = "Empty" }\n[[records]]'
    report = await bring(mapping.replace("Sales", "Empty").replace("[[records]]", setup), "number\n1\n")
    assert "'Nirvana'" in report.first_refusals[0].reason
