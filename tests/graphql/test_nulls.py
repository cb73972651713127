"""Errors below what a mutation has written: what was written stays, and no more is null than must be."""

from __future__ import annotations

from tests.graphql.conftest import WorldCrm


async def test_in_a_batch_each_record_has_its_own_error(world: WorldCrm) -> None:
    """`record` may be null, so its neighbours are shown; the path leads to each."""
    text = 'mutation { createGadgets(data: [{name: "A"}, {name: "B"}]) { ... on GadgetBatch { results { index record { name notes(first: -1) { totalCount } } } } } }'
    answer = await world.answer(text)
    assert answer["data"] == {"createGadgets": {"results": [{"index": n, "record": None} for n in (0, 1)]}}
    assert [e["path"] for e in answer["errors"]] == [["createGadgets", "results", n, "record", "notes"] for n in (0, 1)]
    assert await world.data("{ gadgets { totalCount } }") == {"gadgets": {"totalCount": 2}}


async def test_the_record_of_a_single_write_is_null_with_its_root(world: WorldCrm) -> None:
    """The next root is still done; a record below it that may be null is, and nothing around it."""
    text = """mutation { a: createMaker(data: {name: "A"}) { ... on Maker { gadgets(first: -1) { totalCount } } }
        b: createGadget(data: {name: "B"}) { ... on Gadget { name maker { gadgets(first: -1) { totalCount } } } } }"""
    answer = await world.answer(text)
    assert answer["data"] == {"a": None, "b": {"name": "B", "maker": None}}
    assert [e["path"] for e in answer["errors"]] == [["a", "gadgets"]]
