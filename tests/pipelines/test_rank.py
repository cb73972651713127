"""The order of deals in a stage."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmcore.entities.store import Row
from crmcore.pipelines.actions import move_deal, rank, rank_deal
from tests.customers.desk import said
from tests.pipelines.board import Board


@given(st.lists(st.integers(0, 10**6), max_size=60))
def test_there_is_always_room(spots: list[int]) -> None:
    """Whatever is put wherever, ranks stay in order, different, and never end in a way that leaves no room."""
    ranks = [rank.FIRST]
    for spot in spots:
        at = spot % (len(ranks) + 1)
        if at == 0:
            new = rank.above(ranks[0])
        elif at == len(ranks):
            new = rank.below(ranks[-1])
        else:
            new = rank.between(ranks[at - 1], ranks[at])
        ranks.insert(at, new)
    assert sorted(set(ranks)) == ranks


def test_ranks_at_the_ends_stay_short() -> None:
    """Ten thousand deals put on top have ranks of twelve digits."""
    found = rank.FIRST
    for _ in range(10_000):
        found = rank.above(found)
    assert 12 == len(found)


def test_ranks_at_one_spot_grow_slowly() -> None:
    """Three hundred insertions at one and the same spot need a hundred digits more."""
    low, high = rank.FIRST, rank.below(rank.FIRST)
    for _ in range(300):
        high = rank.between(low, high)
    assert len(high) <= 112


async def _order(board: Board, stage: str = "new") -> str:
    rows = await board.desk.find("deal", stage_id=board.id(stage))
    return "".join(row["name"] for row in sorted(rows, key=lambda row: (row["rank"], row["id"])))


async def _deals(board: Board, names: str) -> dict[str, Row]:
    return {name: await board.deal(name=name) for name in reversed(names)}


async def test_new_deals_come_first(board: Board) -> None:
    """A deal that comes into a stage is on top, by create and by move."""
    await _deals(board, "BCD")
    await board.move(await board.deal("talks", name="A"), "new")
    assert "ABCD" == await _order(board)


async def test_a_deal_is_put_after_another(board: Board) -> None:
    """Right after it."""
    deals = await _deals(board, "ABCD")
    await board.desk.do(rank_deal, deals["A"]["id"], after=deals["C"]["id"])
    assert "BCAD" == await _order(board)


async def test_a_deal_is_put_before_another(board: Board) -> None:
    """Right before it."""
    deals = await _deals(board, "ABCD")
    await board.desk.do(rank_deal, deals["D"]["id"], before=deals["B"]["id"])
    assert "ADBC" == await _order(board)


async def test_a_deal_is_put_at_either_end(board: Board) -> None:
    """After the last, before the first, or first without a word."""
    deals = await _deals(board, "ABCD")
    await board.desk.do(rank_deal, deals["A"]["id"], after=deals["D"]["id"])
    assert "BCDA" == await _order(board)
    await board.desk.do(rank_deal, deals["D"]["id"], before=deals["B"]["id"])
    assert "DBCA" == await _order(board)
    await board.desk.do(rank_deal, deals["A"]["id"])
    assert "ADBC" == await _order(board)


async def test_a_drag_writes_one_row(board: Board) -> None:
    """The others keep their versions and ranks."""
    deals = await _deals(board, "ABCD")
    await board.desk.do(rank_deal, deals["A"]["id"], after=deals["C"]["id"])
    rows = {row["name"]: row for row in await board.desk.find("deal")}
    assert {"A": 2, "B": 1, "C": 1, "D": 1} == {name: row["version"] for name, row in rows.items()}
    assert all(deals[name]["rank"] == rows[name]["rank"] for name in "BCD")


async def test_a_drag_into_another_stage_writes_one_row(board: Board) -> None:
    """moveDeal takes the neighbour too."""
    deals = await _deals(board, "ABCD")
    moved = await board.deal("talks", name="X")
    await board.desk.do(move_deal, moved["id"], board.id("new"), after=deals["B"]["id"])
    assert "ABXCD" == await _order(board)


async def test_a_neighbour_is_in_the_stage(board: Board) -> None:
    """Neither a deal elsewhere nor the deal itself is a neighbour."""
    deal, elsewhere = await board.deal(), await board.deal("talks")
    for other in (deal, elsewhere):
        assert {("after", "NOT_IN_STAGE")} == said(await board.desk.refusal(rank_deal, deal["id"], after=other["id"]))


async def test_many_drags_to_one_spot(board: Board) -> None:
    """Hundreds of deals put right after the same one stay in order; ranks are spread anew before they grow long."""
    deals = await _deals(board, "AYZ")

    async def drags(work: object) -> None:
        for n in range(400):
            await rank_deal(work, deals["YZ"[n % 2]]["id"], after=deals["A"]["id"])  # type: ignore[arg-type]

    await board.desk.do(drags)
    assert "AZY" == await _order(board)
    assert max(len(row["rank"]) for row in await board.desk.find("deal")) <= rank.LONGEST
