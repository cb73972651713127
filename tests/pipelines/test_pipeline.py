"""Pipelines and their stages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import Duplicate, InUse, Invalid
from crmcore.pipelines.actions import StageInput, create_pipeline, delete_stage, reorder_stages
from tests.customers.desk import ANA, IMPORT, Desk, said
from tests.pipelines.board import LOST, OPEN, STAGES, WON, Board, made


async def test_a_pipeline_is_made_with_its_stages(board: Board) -> None:
    """createPipeline makes an active pipeline with stages in the order given."""
    assert board.pipeline["is_active"]
    ordered = sorted(board.stages.values(), key=lambda row: row["position"])
    assert ["new", "talks", "waiting", "won", "lost"] == [row["key"] for row in ordered]


async def test_stages_are_listed_by_their_position(board: Board) -> None:
    """A client that says no order gets the board from left to right."""
    query = "query ($id: ID!) { pipeline(id: $id) { stages { nodes { key } } } }"
    given = {"id": f"pipeline_{board.pipeline['id']}"}
    answer = await board.desk.crm.execute(query, given, actor=Actor.system())  # type: ignore[attr-defined]
    keys = [stage["key"] for stage in answer["data"]["pipeline"]["stages"]["nodes"]]
    assert ["new", "talks", "waiting", "won", "lost"] == keys


async def test_won_is_certain_and_lost_is_not(board: Board) -> None:
    """Probability and forecast category follow from the kind."""
    shown = {key: (row["probability"], row["forecast_category"]) for key, row in board.stages.items()}
    assert {
        "new": (10, "PIPELINE"),
        "talks": (50, "PIPELINE"),
        "waiting": (20, "PIPELINE"),
        "won": (100, "CLOSED"),
        "lost": (0, "OMITTED"),
    } == shown


@pytest.mark.parametrize(
    ("stages", "wrong"),
    [
        ([("A", OPEN), ("B", WON)], {("isActive", "STAGES")}),
        ([("A", OPEN), ("B", LOST)], {("isActive", "STAGES")}),
        ([("A", WON), ("B", LOST)], {("isActive", "STAGES")}),
        ([], {("isActive", "STAGES")}),
        ([("A", OPEN), ("B", WON), ("C", WON), ("D", LOST)], {("stages.2.kind", "SECOND_WON")}),
    ],
)
async def test_stages_make_a_pipeline(desk: Desk, stages: list[tuple[str, Any]], wrong: set[tuple[str, str]]) -> None:
    """At least one OPEN, exactly one WON, at least one LOST; otherwise nothing is made."""
    given = [StageInput(name, kind) for name, kind in stages]
    before = len(await desk.find("pipeline"))
    assert wrong == said(await desk.refusal(create_pipeline, "X", given))
    assert before == len(await desk.find("pipeline"))


async def test_a_pipeline_without_stages_is_not_active(desk: Desk) -> None:
    """Made by plain create, a pipeline is inactive until its stages are there."""
    assert {("isActive", "NO_STAGES")} == await desk.no("pipeline", name="X", is_active=True)
    row = await desk.create("pipeline", name="X")
    assert {("isActive", "STAGES")} == await desk.no_update("pipeline", row["id"], is_active=True)
    for stage in STAGES:
        await desk.create("stage", pipeline_id=row["id"], **stage.row())
    assert (await desk.update("pipeline", row["id"], is_active=True))["is_active"]


async def test_a_second_won_stage_is_refused(board: Board) -> None:
    """A pipeline has exactly one WON stage."""
    no = await board.desk.no("stage", pipeline_id=board.pipeline["id"], name="Won again", kind="WON")
    assert {("kind", "SECOND_WON")} == no


async def test_two_won_stages_at_the_same_moment_are_refused(desk: Desk) -> None:
    """Of two who each see none, one is refused."""
    row = await desk.create("pipeline", name="X")
    both = asyncio.Barrier(2) if desk.crm.database.dialect == "postgresql" else None

    async def add(name: str) -> Any:
        first = True

        async def unit(work: Work) -> Any:
            nonlocal first
            await work.find("stage", pipeline_id=row["id"])
            if both and first:
                first = False
                await both.wait()
            return await actions.create(work, "stage", {"pipeline_id": row["id"], "name": name, "kind": "WON"})

        return await desk.crm.run(ANA, unit)

    done = await asyncio.gather(add("A"), add("B"), return_exceptions=True)
    assert [Invalid] == [type(d) for d in done if isinstance(d, BaseException)]


@pytest.mark.parametrize("column", ["kind", "is_on_hold", "key", "pipeline_id"])
@pytest.mark.parametrize("by", [ANA, IMPORT])
async def test_what_a_stage_is_never_changes(board: Board, column: str, by: Any) -> None:
    """Kind, rest, key and pipeline are for good: deals and history rest on them."""
    other = await board.desk.create("pipeline", name="Other")
    new = {"kind": "LOST", "is_on_hold": True, "key": "other", "pipeline_id": other["id"]}[column]
    assert "READ_ONLY" in {
        code for _, code in await board.desk.no_update("stage", board.id("new"), by=by, **{column: new})
    }


@pytest.mark.parametrize(("stage", "probability"), [("won", 90), ("lost", 1), ("new", 101), ("new", -1)])
async def test_probabilities_are_possible(board: Board, stage: str, probability: int) -> None:
    """0 to 100, 100 for WON and 0 for LOST."""
    no = await board.desk.no_update("stage", board.id(stage), probability=probability)
    assert {"probability"} == {path for path, _ in no}


async def test_keys_and_positions_are_unique_in_a_pipeline(board: Board) -> None:
    """Another pipeline may use the same."""
    desk, stage = board.desk, {"pipeline_id": board.pipeline["id"], "name": "Again", "kind": "OPEN"}
    assert isinstance(await desk.refusal(actions.create, "stage", {**stage, "key": "new"}), Duplicate)
    assert isinstance(await desk.refusal(actions.create, "stage", {**stage, "position": 0}), Duplicate)
    await made(desk, "Another")


async def test_a_new_stage_comes_last(board: Board) -> None:
    """Without a position a stage is put at the end."""
    row = await board.desk.create("stage", pipeline_id=board.pipeline["id"], name="谈判", kind="OPEN")
    assert (5, "谈判") == (row["position"], row["key"])


async def test_stages_are_put_into_order(board: Board) -> None:
    """reorderStages takes all stages in their new order."""
    keys = ["waiting", "new", "talks", "lost", "won"]
    await board.desk.do(reorder_stages, board.pipeline["id"], [board.id(key) for key in keys])
    rows = await board.desk.find("stage", pipeline_id=board.pipeline["id"])
    assert keys == [row["key"] for row in sorted(rows, key=lambda row: row["position"])]


@pytest.mark.parametrize("keys", [["new"], ["new", "new", "waiting", "won", "lost"]])
async def test_an_order_names_every_stage_once(board: Board, keys: list[str]) -> None:
    """Half an order is none."""
    no = await board.desk.refusal(reorder_stages, board.pipeline["id"], [board.id(key) for key in keys])
    assert {("stageIds", "INCOMPLETE")} == said(no)


async def test_rules_of_a_stage_name_what_there_is(board: Board) -> None:
    """requiredFields names fields of deals that clients fill, allowedNext stages of the same pipeline."""
    update = board.desk.no_update
    assert {("requiredFields", "UNKNOWN_VALUE")} == await update(
        "stage", board.id("new"), required_fields=["amount", "status"]
    )
    assert {("requiredFields", "WRONG_TYPE")} == await update("stage", board.id("new"), required_fields="amount")
    assert {("allowedNext", "UNKNOWN_VALUE")} == await update(
        "stage", board.id("new"), allowed_next=["talks", "nowhere"]
    )


async def test_rules_of_new_stages_name_what_there_will_be(desk: Desk) -> None:
    """In createPipeline a stage may name those that come after it, and only those there are."""
    stages = [replace(STAGES[0], allowed_next=["talks", "lost"]), *STAGES[1:]]
    await made(desk, "A", stages)
    stages[0] = replace(STAGES[0], allowed_next=["nowhere"])
    assert {("isActive", "STAGES")} == said(await desk.refusal(create_pipeline, "B", stages))


async def test_pipeline_keys_are_unique(board: Board) -> None:
    """A key names one pipeline; it is made from the name if none is given, and never changes."""
    assert "direct" == board.pipeline["key"]
    assert isinstance(await board.desk.refusal(create_pipeline, "Direct", STAGES), Duplicate)
    assert {("key", "READ_ONLY")} == await board.desk.no_update(
        "pipeline", board.pipeline["id"], by=IMPORT, key="other"
    )


@pytest.mark.parametrize("key", ["a b", "a/b", "x" * 65])
async def test_a_key_is_a_name_for_scripts(desk: Desk, key: str) -> None:
    """Letters, digits, - and _."""
    assert {"key"} == {path for path, _ in await desk.no("pipeline", name="X", key=key)}


async def _defaults(desk: Desk) -> list[str]:
    return [row["key"] for row in await desk.find("pipeline", is_default=True)]


async def test_one_default_pipeline(desk: Desk) -> None:
    """Another default takes over from the old one."""
    await made(desk, "A", is_default=True)
    b = await made(desk, "B")
    assert ["a"] == await _defaults(desk)
    await desk.update("pipeline", b.pipeline["id"], is_default=True)
    assert ["b"] == await _defaults(desk)


async def test_the_default_pipeline_is_active(desk: Desk) -> None:
    """Deals that name no pipeline must find one that takes them."""
    a = await made(desk, "A", is_default=True)
    assert {("isDefault", "NOT_ACTIVE")} == await desk.no_update("pipeline", a.pipeline["id"], is_active=False)


async def test_the_default_pipeline_stays(desk: Desk) -> None:
    """It is deleted only after another one is the default."""
    a = await made(desk, "A", is_default=True)
    assert isinstance(await desk.refusal(actions.delete, "pipeline", a.pipeline["id"]), InUse)
    await made(desk, "B", is_default=True)
    await desk.do(actions.delete, "pipeline", a.pipeline["id"])


async def test_a_restored_pipeline_is_not_the_default(desk: Desk) -> None:
    """What comes back takes nothing over."""
    a = await made(desk, "A", is_default=True)
    await desk.update("pipeline", a.pipeline["id"], is_default=False)
    await desk.do(actions.delete, "pipeline", a.pipeline["id"])
    row = await desk.do(actions.restore, "pipeline", a.pipeline["id"])
    assert not row["is_default"]


async def test_a_restored_pipeline_has_its_stages_or_is_inactive(board: Board) -> None:
    """A stage that went while it was deleted is missed."""
    desk, pipeline = board.desk, board.pipeline["id"]
    await made(desk, "B", is_default=True)
    await desk.do(actions.delete, "pipeline", pipeline)
    assert (await desk.do(actions.restore, "pipeline", pipeline))["is_active"]
    await desk.do(actions.delete, "pipeline", pipeline)
    await desk.do(delete_stage, board.id("won"))
    assert not (await desk.do(actions.restore, "pipeline", pipeline))["is_active"]


@pytest.mark.parametrize("verb", [actions.delete, actions.destroy])
async def test_a_pipeline_with_deals_stays(board: Board, verb: Any) -> None:
    """Its deals go first."""
    await made(board.desk, "B", is_default=True)
    await board.deal()
    assert isinstance(await board.desk.refusal(verb, "pipeline", board.pipeline["id"]), InUse)


async def test_an_empty_pipeline_is_destroyed_with_its_stages(board: Board) -> None:
    """Nothing of it stays."""
    await made(board.desk, "B", is_default=True)
    await board.desk.do(actions.destroy, "pipeline", board.pipeline["id"])
    assert [] == await board.desk.find("stage", pipeline_id=board.pipeline["id"])


async def test_a_stage_with_deals_needs_a_target(board: Board) -> None:
    """deleteStage without a target is refused while there are deals, by the plain verbs too."""
    await board.deal("talks")
    for function, args in ((delete_stage, ()), (actions.delete, ("stage",)), (actions.destroy, ("stage",))):
        assert isinstance(await board.desk.refusal(function, *args, board.id("talks")), InUse)


async def test_deals_of_a_deleted_stage_move_on(board: Board) -> None:
    """They go to the target in the order they were in, past allowedNext and requiredFields, and it is remembered."""
    await board.desk.update("stage", board.id("talks"), allowed_next=["won"])
    await board.desk.update("stage", board.id("new"), required_fields=["amount"])
    deals = [await board.deal("talks", name=name) for name in "AB"]
    await board.desk.do(delete_stage, board.id("talks"), board.id("new"))
    rows = sorted(await board.desk.find("deal", stage_id=board.id("new")), key=lambda row: row["rank"])
    assert ["B", "A"] == [row["name"] for row in rows]
    assert 2 == len(await board.history(deals[0]))


async def test_a_target_is_another_stage_of_the_pipeline(board: Board) -> None:
    """Deals do not leave their pipeline by the way."""
    other = await made(board.desk, "Other")
    for target in (board.id("talks"), other.id("talks")):
        no = await board.desk.refusal(delete_stage, board.id("talks"), target)
        assert {("targetStageId", "WRONG_STAGE")} == said(no)


@pytest.mark.parametrize("stage", ["won", "lost"])
async def test_a_pipeline_keeps_the_stages_it_needs(board: Board, stage: str) -> None:
    """The only WON and the only LOST stage stay while the pipeline is active."""
    assert isinstance(await board.desk.refusal(delete_stage, board.id(stage)), InUse)


async def test_the_last_open_stage_stays(board: Board) -> None:
    """One OPEN stage stays while the pipeline is active."""
    for key in ("talks", "waiting"):
        await board.desk.do(delete_stage, board.id(key))
    assert isinstance(await board.desk.refusal(delete_stage, board.id("new")), InUse)


async def test_an_inactive_pipeline_may_be_rebuilt(board: Board) -> None:
    """Without WON stage it cannot become active again."""
    await made(board.desk, "B", is_default=True)
    await board.desk.update("pipeline", board.pipeline["id"], is_active=False)
    await board.desk.do(delete_stage, board.id("won"))
    assert {("isActive", "STAGES")} == await board.desk.no_update("pipeline", board.pipeline["id"], is_active=True)


async def test_a_deleted_stage_is_no_way_on(board: Board) -> None:
    """allowedNext of the others forgets it."""
    await board.desk.update("stage", board.id("new"), allowed_next=["talks", "lost"])
    await board.desk.do(delete_stage, board.id("talks"))
    assert ["lost"] == (await board.desk.get("stage", board.id("new")))["allowed_next"]


async def test_a_restored_stage_finds_its_place(board: Board) -> None:
    """If its position is taken it comes last."""
    await board.desk.do(delete_stage, board.id("talks"))
    await board.desk.create("stage", pipeline_id=board.pipeline["id"], name="X", kind="OPEN", position=1)
    row = await board.desk.do(actions.restore, "stage", board.id("talks"))
    assert 5 == row["position"]


async def test_a_second_won_stage_is_not_restored(board: Board) -> None:
    """What was replaced does not come back beside its replacement."""
    await made(board.desk, "B", is_default=True)
    await board.desk.update("pipeline", board.pipeline["id"], is_active=False)
    await board.desk.do(delete_stage, board.id("won"))
    await board.desk.create("stage", pipeline_id=board.pipeline["id"], name="Done", kind="WON")
    assert {("kind", "SECOND_WON")} == said(await board.desk.refusal(actions.restore, "stage", board.id("won")))


async def test_lost_reasons_have_one_code(board: Board) -> None:
    """A code names one reason."""
    no = await board.desk.refusal(actions.create, "lost_reason", {"code": "TOO_DEAR", "label": "Again"})
    assert isinstance(no, Duplicate)
