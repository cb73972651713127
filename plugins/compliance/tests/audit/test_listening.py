"""What a subscription shows is noted as any other reading: for each who is shown it, and nothing that is not shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID, uuid4

import pytest
from crmcore_compliance.audit import AccessLog
from crmcore_compliance.state import compliance_of

from crmcore import Actor, ActorType, Scope, ids
from crmcore.access.actor import Access
from crmcore.testing import TestCrm

RECORD = "subscription { changes(entities: [CUSTOMER]) { record { ... on Customer { taxId } } } }"
FIELDS = "subscription { changes(entities: [CUSTOMER]) { fields { name after } } }"
NEITHER = "subscription { changes(entities: [CUSTOMER]) { type recordId record { ... on Customer { kind } } } }"
RENAME = "mutation ($id: ID!, $number: String!) { updateCustomer(id: $id, data: {taxId: $number}) { __typename } }"


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """A sensitive field."""
    return ("customer.taxId",)


def clerk() -> Actor:
    """Somebody who may read customers, as all others here."""
    return Actor(ActorType.USER, f"user_{uuid4()}", "Eve", access=Access(scopes={"customer:read": Scope.ALL}))


async def _change(crm: TestCrm, id: UUID, number: str) -> None:
    answer = await crm.execute(RENAME, {"id": ids.encode("customer", id), "number": number})
    assert "errors" not in answer, answer


async def _first(answers: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    async with asyncio.timeout(20), aclosing(answers):  # type: ignore[type-var]
        return await anext(answers)


async def _hear(crm: TestCrm, text: str, listeners: list[Actor], id: UUID) -> list[dict[str, Any]]:
    """Have somebody's number changed while some listen; return what each hears first."""
    heard = [asyncio.ensure_future(_first(crm.subscribe(text, actor=one))) for one in listeners]
    async with asyncio.timeout(20):
        while sum(map(len, (one.members for one in crm.audiences._by_rules.values()))) < len(listeners):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await _change(crm, id, "B2")
    return await asyncio.gather(*heard)


async def _noted(crm: TestCrm, listeners: list[Actor]) -> list[tuple[Any, ...]]:
    """Return who was noted to have seen what of whom."""
    rows = await crm.database.fetch(
        "select a.actor_id, a.field, s.subject_id, s.record_id "
        "from compliance_access a join compliance_access_subject s on s.access_id = a.id order by a.id"
    )
    return [row for row in rows if row[0] in {one.id for one in listeners}]


@pytest.mark.parametrize("text", [RECORD, FIELDS])
async def test_each_who_is_shown_a_value_is_noted(crm: TestCrm, text: str) -> None:
    """Those with the same rights are shown one answer, and are two readers all the same; one with two windows is one."""
    firm = await crm.make("customer", kind="ORGANIZATION", tax_id="A1")
    eve, adam = clerk(), clerk()
    heard = await _hear(crm, text, [eve, adam, eve], firm["id"])

    assert all("B2" in str(one) for one in heard), heard
    assert sorted((one.id, "taxId", firm["id"], firm["id"]) for one in (eve, adam)) == sorted(
        await _noted(crm, [eve, adam])
    )


async def test_what_is_not_shown_is_not_noted(crm: TestCrm) -> None:
    """That something happened is no reading of it, and who is shown it beside others is noted alone."""
    firm = await crm.make("customer", kind="ORGANIZATION", tax_id="A1")
    eve, adam = clerk(), clerk()
    telling, silent = asyncio.ensure_future(_hear(crm, FIELDS, [eve], firm["id"])), crm.subscribe(NEITHER, actor=adam)
    (shown, hidden) = await asyncio.gather(telling, _first(silent))

    assert ("B2" in str(shown), "B2" in str(hidden)) == (True, False)
    assert [(eve.id, "taxId", firm["id"], firm["id"])] == await _noted(crm, [eve, adam])


@pytest.mark.parametrize("text", [RECORD, FIELDS])
async def test_who_reads_on_from_a_cursor_is_noted(crm: TestCrm, text: str) -> None:
    """What happened before is read for them alone."""
    firm = await crm.make("customer", kind="ORGANIZATION", tax_id="A1")
    start, eve = str(await crm.feed.end()), clerk()
    await _change(crm, firm["id"], "B2")
    heard = await _first(crm.subscribe(text, actor=eve, after=start))

    assert "B2" in str(heard)
    assert [(eve.id, "taxId", firm["id"], firm["id"])] == await _noted(crm, [eve])


@pytest.mark.parametrize("text", [RECORD, FIELDS])
async def test_each_who_is_shown_a_lure_raises_an_alarm(crm: TestCrm, text: str) -> None:
    """Also where the value stands in the event, which says about whom only by its key."""
    firm = await crm.make("customer", kind="ORGANIZATION", tax_id="A1")
    await crm.make("compliance_honeytoken", customer=firm, planted="in the list of the sales team")
    log = compliance_of(crm)[AccessLog]
    await log.refresh()
    eve, adam = clerk(), clerk()
    await _hear(crm, text, [eve, adam], firm["id"])
    await log.settle()

    told = await crm.happened("compliance_honeytoken.touched")
    assert sorted([eve.id or "", adam.id or ""]) == sorted(event.by_id for event in told)
