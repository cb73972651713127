"""Lists in lists: how many records an answer may hold depends on who asks, never on the plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crmcore.access.actor import Access
from crmcore.graphql.planner import Documents, Limits, Planner, Tiers
from tests.graphql.planner.conftest import Desk
from tests.graphql.planner.world import ENTITIES, ROOT, schema

ASK = """query ($n: Int) {
  buyers(first: $n) { nodes { deals(first: $n) { nodes { id } } } }
  wide: buyers(first: $n) { totalCount }
}"""
WIDE = replace(ROOT, access=Access(everything=True, roles=frozenset({"wide"})))


@pytest.fixture
def limited(desk: Desk) -> Desk:
    """A desk where roles differ."""
    tiers = Tiers(Limits(records=100), {"wide": Limits(records=400)})
    desk.planner = Planner(ENTITIES, schema().graphql, desk.database.dialect, tiers=tiers)
    desk.documents = Documents(schema().graphql)
    return desk


@pytest.mark.parametrize(("size", "narrow", "wide"), [(10, True, True), (11, False, True), (21, False, False)])
async def test_lists_in_lists_are_counted_by_role(limited: Desk, size: int, narrow: bool, wide: bool) -> None:
    """From variables too; a list alone has its page's limit, and one plan serves both roles."""
    for actor, allowed in ((ROOT, narrow), (WIDE, wide)):
        result = await limited.read(ASK, {"n": size}, actor)
        codes = [v["code"] for e in result.errors for v in (e.extensions or {})["violations"]]
        assert codes == ([] if allowed else ["TOO_MANY_RECORDS"])


async def test_a_page_that_is_not_said_counts_as_the_default(limited: Desk) -> None:
    """20 in 20 are 400."""
    result = await limited.read("{ buyers { nodes { deals { nodes { id } } } } }", actor=WIDE)
    refused = await limited.read("{ buyers { nodes { deals { nodes { id } } } } }")
    assert (result.errors, "could hold 400 records" in refused.errors[0].message) == ([], True)
