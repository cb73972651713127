"""The tree of organisations has no circle, however it is tried."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import Invalid
from tests.customers.desk import ANA, Desk


async def test_an_organization_may_be_part_of_another(desk: Desk) -> None:
    """A subsidiary names its parent."""
    mother = await desk.organization("Mother")
    child = await desk.organization("Child", parent_id=mother["id"])
    assert mother["id"] == child["parent_id"]


async def test_nobody_is_their_own_parent(desk: Desk) -> None:
    """The shortest circle is refused."""
    row = await desk.organization()
    assert {("parentId", "CIRCLE")} == await desk.no_update("customer", row["id"], parent_id=row["id"])


async def test_nobody_is_part_of_their_descendants(desk: Desk) -> None:
    """A longer circle is refused."""
    a = await desk.organization("A")
    b = await desk.organization("B", parent_id=a["id"])
    c = await desk.organization("C", parent_id=b["id"])
    assert {("parentId", "CIRCLE")} == await desk.no_update("customer", a["id"], parent_id=c["id"])


async def test_a_circle_through_a_deleted_customer_is_none_the_less_one(desk: Desk) -> None:
    """A deleted link of the chain may be restored, so it counts."""
    a = await desk.organization("A")
    b = await desk.organization("B", parent_id=a["id"])
    c = await desk.organization("C", parent_id=b["id"])
    await desk.do(actions.delete, "customer", b["id"])
    assert {("parentId", "CIRCLE")} == await desk.no_update("customer", a["id"], parent_id=c["id"])


async def test_people_are_not_part_of_organizations(desk: Desk) -> None:
    """A person works for an organisation by a relation, not by the tree."""
    mother = await desk.organization()
    assert {("parentId", "NOT_AN_ORGANIZATION")} == await desk.no(
        "customer", kind="PERSON", display_name="X", parent_id=mother["id"]
    )


async def test_organizations_are_not_part_of_people(desk: Desk) -> None:
    """Nor is an organisation part of a person."""
    person = await desk.person()
    no = await desk.no("customer", kind="ORGANIZATION", display_name="X", parent_id=person["id"])
    assert {("parentId", "NOT_AN_ORGANIZATION")} == no


async def test_destroying_a_parent_frees_its_children(desk: Desk) -> None:
    """Children of what is gone stand on their own."""
    mother = await desk.organization("Mother")
    child = await desk.organization("Child", parent_id=mother["id"])
    await desk.do(actions.destroy, "customer", mother["id"])
    assert None is (await desk.get("customer", child["id"]))["parent_id"]


async def test_circles_closed_at_the_same_moment_are_refused(desk: Desk) -> None:
    """Of two who close a circle together, each seeing none, one is refused."""
    ends = {}
    for name in "AB":
        top = await desk.organization(f"{name}1")
        ends[name] = (top["id"], (await desk.organization(f"{name}2", parent_id=top["id"]))["id"])
    ready = asyncio.Barrier(2) if desk.crm.database.dialect == "postgresql" else None

    async def adopt(child: UUID, parent: UUID) -> Any:
        first = True

        async def unit(work: Work) -> Any:
            nonlocal first
            await work.find("customer", id=child)  # takes the snapshot
            if ready and first:
                first = False
                await ready.wait()
            return await actions.update(work, "customer", child, {"parent_id": parent})

        return await desk.crm.run(ANA, unit)

    # Neither writes a row that the other links to: only what lies between closes the circle.
    done = await asyncio.gather(
        adopt(ends["A"][0], ends["B"][1]), adopt(ends["B"][0], ends["A"][1]), return_exceptions=True
    )
    assert [Invalid] == [type(d) for d in done if isinstance(d, BaseException)]
