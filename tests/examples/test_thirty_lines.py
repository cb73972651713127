"""What one declaration of thirty lines gives, as `examples/thirty_lines` has it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crmcore import Actor
from crmcore.interchange.exports.run import export
from crmcore.interchange.imports.own import own_mapping
from crmcore.interchange.imports.run import import_csv
from crmcore.testing import TestCrm
from examples.thirty_lines import perks, visits

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
CREATE = """
mutation ($rows: [CreateVisitInput!]!) {
  createVisits(data: $rows) { ... on VisitBatch { succeeded results { record { id } } } }
}
"""


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The two plugins of the example."""
    return [visits, perks]


async def made(crm: TestCrm) -> tuple[Any, list[str]]:
    """Make a customer with two visits by the API; return the customer, and the visits' ids."""
    ada = await crm.make("customer", given_name="Ada")
    rows = [
        {"customerId": ada.shown_id, "beganAt": f"2026-03-0{day}T09:00:00Z", "purpose": purpose, "cost": cost}
        for day, purpose, cost in ((2, "Roof", {"amount": "40", "currency": "EUR"}), (3, "Cellar", None))
    ]
    answer = await crm.execute(CREATE, {"rows": rows})
    return ada, [result["record"]["id"] for result in answer["data"]["createVisits"]["results"]]


@pytest.mark.parametrize("plugin", [visits, perks])
def test_it_is_thirty_lines(plugin: Any) -> None:
    """All of the file counts but for empty lines: imports and docstrings too."""
    lines = [line for line in Path(plugin.__file__).read_text("utf-8").splitlines() if line.strip()]

    assert len(lines) <= 30


async def test_the_migration_makes_the_declared_tables(crm: TestCrm) -> None:
    """`crm migrate --new` wrote all there is to write."""
    assert [] == await crm.migrator.drift()


async def test_lists_are_filtered_ordered_and_paged(crm: TestCrm) -> None:
    """From the root and from the customer, who has the inverse of the link."""
    ada, _ = await made(crm)
    text = """
    query ($id: ID!) {
      visits(filter: {purpose: {startsWith: "Ro"}}, orderBy: [{field: BEGAN_AT}], first: 1) { totalCount nodes { purpose } }
      customer(id: $id) { visits(first: 1) { nodes { purpose } pageInfo { hasNextPage } } }
    }
    """
    answer = (await crm.execute(text, {"id": ada.shown_id}))["data"]

    assert {"totalCount": 1, "nodes": [{"purpose": "Roof"}]} == answer["visits"]
    assert {"nodes": [{"purpose": "Cellar"}], "pageInfo": {"hasNextPage": True}} == answer["customer"]["visits"]


async def test_records_are_changed_deleted_and_restored(crm: TestCrm) -> None:
    """Each verb is there, and its history tells of each."""
    _, (visit, _) = await made(crm)
    for text in (
        'updateVisit(id: $id, data: {purpose: "Roof and gutter"}) { ... on Visit { version } }',
        "deleteVisit(id: $id) { __typename }",
        "restoreVisit(id: $id) { ... on Visit { purpose } }",
    ):
        await crm.execute(f"mutation ($id: ID!) {{ {text} }}", {"id": visit})
    text = "query ($id: ID!) { visit(id: $id) { purpose version } history(id: $id) { nodes { type } } }"
    answer = (await crm.execute(text, {"id": visit}))["data"]

    assert {"purpose": "Roof and gutter", "version": 4} == answer["visit"]
    assert ["VISIT_RESTORED", "VISIT_DELETED", "VISIT_UPDATED", "VISIT_CREATED"] == [
        change["type"] for change in answer["history"]["nodes"]
    ]


async def test_people_see_their_own(crm: TestCrm) -> None:
    """The default roles have rights on it, by owner and team; who has none sees nothing."""
    me = await crm.actor("sales")
    await made(crm)
    await crm.make("visit", as_=me, customer=await crm.make("customer", as_=me), began_at=BEGAN)
    text = "{ visits { totalCount } }"
    counts = [(await crm.execute(text, as_=who))["data"]["visits"]["totalCount"] for who in (None, me, "viewer")]

    assert [3, 1, 3] == counts


async def test_visits_are_in_the_customers_timeline(crm: TestCrm) -> None:
    """Newest first, as a kind of its own."""
    ada, _ = await made(crm)
    text = "query ($id: ID!) { customer(id: $id) { timeline(kinds: [VISIT]) { nodes { ... on Visit { purpose } } } } }"
    answer = await crm.execute(text, {"id": ada.shown_id})

    assert [{"purpose": "Cellar"}, {"purpose": "Roof"}] == answer["data"]["customer"]["timeline"]["nodes"]


async def test_an_export_can_be_imported(crm: TestCrm, tmp_path: Path) -> None:
    """What was exported and is gone comes back from the file."""
    await made(crm)
    file, target = tmp_path / "visits.csv", io.BytesIO()
    await export(crm, "visit", target, actor=Actor.system())
    file.write_bytes(target.getvalue())
    await crm.database.execute("delete from visit")
    report = await import_csv(crm, own_mapping(crm.entities, "visit", file), file, actor=Actor.system())
    answer = await crm.execute("{ visits { nodes { purpose cost { amount currency } } } }")

    assert 0 == report.refused
    assert [
        {"purpose": "Cellar", "cost": None},
        {"purpose": "Roof", "cost": {"amount": "40.00", "currency": "EUR"}},
    ] == (answer["data"]["visits"]["nodes"])


async def test_a_side_table_is_as_short(crm: TestCrm) -> None:
    """It adds columns to Customer, which clients read with the rest."""
    ada = await crm.make("customer")
    text = """
    mutation ($id: ID!) { createPerksAccount(data: {customerId: $id, points: 7}) { ... on PerksAccount { id } } }
    """
    await crm.execute(text, {"id": ada.shown_id})
    text = "query ($id: ID!) { customer(id: $id) { perks { points level } } }"
    answer = await crm.execute(text, {"id": ada.shown_id})

    assert {"points": 7, "level": "BRONZE"} == answer["data"]["customer"]["perks"]
