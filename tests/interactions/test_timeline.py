"""The timeline of a customer: what core entities put into it, for whom, and at what cost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.app import Crm
from crmcore.customers.actions import convert_lifecycle
from crmcore.database import ids
from crmcore.entities import actions
from crmcore.entities.store import Row
from crmcore.pipelines.actions import move_deal
from tests.customers.desk import ANA, Desk
from tests.graphql.work import work

_NODE = """node { __typename ... on Node { id } ... on Interaction { subject } ... on Deal { name }
    ... on DealStageChange { stage: toStage { name } } ... on LifecycleChange { toStage } }"""
_TIMELINE = f"""query ($id: ID!, $f: Int, $a: String, $l: Int) {{ customer(id: $id) {{
    timeline(first: $f, after: $a, last: $l) {{ edges {{ kind at {_NODE} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"""


async def _read(crm: Crm, customer: UUID, by: Actor = ANA, **arguments: Any) -> Any:
    answer = await crm.execute(_TIMELINE, {"id": ids.encode("customer", customer), **arguments}, actor=by)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]["customer"]["timeline"]


async def _history(desk: Desk) -> Row:
    """Give a customer a history: they are met, a deal begins, moves, is written about, and they have bought."""
    customer = await desk.person()
    desk.clock.pass_(days=1)
    met = {"kind": "MEETING", "status": "COMPLETED", "subject": "We met", "occurred_at": desk.clock.time}
    await desk.create("interaction", customer_id=customer["id"], **met)
    desk.clock.pass_(days=1)
    deal = await desk.create("deal", name="Lamps", customer_id=customer["id"])
    desk.clock.pass_(days=1)
    [won] = await desk.find("stage", key="won")
    await desk.do(move_deal, deal["id"], won["id"])
    desk.clock.pass_(days=1)
    await desk.do(convert_lifecycle, customer["id"], "CUSTOMER")
    await desk.create("interaction", customer_id=customer["id"], kind="CALL", status="PLANNED", subject="To come")
    return customer


async def test_a_timeline_has_all_that_happened(crm: Crm, desk: Desk) -> None:
    """Interactions, deals, their moves, the lifecycle: the newest first; what has no instant yet is not in it."""
    customer = await _history(desk)
    edges = (await _read(crm, customer["id"]))["edges"]
    shown = [next(v for k, v in e["node"].items() if k not in ("__typename", "id")) for e in edges]
    assert ["CUSTOMER", {"name": "Won"}] == shown[:2]
    assert [
        "LIFECYCLE_CHANGE",
        "DEAL_STAGE_CHANGE",
        *sorted(["DEAL_CREATED", "DEAL_STAGE_CHANGE"]),
        "INTERACTION",
        "LIFECYCLE_CHANGE",
    ] == [e["kind"] for e in edges[:2]] + sorted(e["kind"] for e in edges[2:4]) + [e["kind"] for e in edges[4:]]
    assert ["We met", "LEAD"] == shown[4:]
    assert sorted((e["at"] for e in edges), reverse=True) == [e["at"] for e in edges]


async def test_what_is_deleted_is_gone_from_the_timeline(crm: Crm, desk: Desk) -> None:
    """A deal takes its moves along, and brings them back."""
    customer = await _history(desk)
    [deal], [met] = await desk.find("deal"), await desk.find("interaction", subject="We met")
    await desk.do(actions.delete, "deal", deal["id"])
    await desk.do(actions.delete, "interaction", met["id"])
    assert ["LIFECYCLE_CHANGE"] * 2 == [e["kind"] for e in (await _read(crm, customer["id"]))["edges"]]
    await desk.do(actions.restore, "deal", deal["id"])
    kinds = [e["kind"] for e in (await _read(crm, customer["id"]))["edges"]]
    assert {"DEAL_CREATED", "DEAL_STAGE_CHANGE", "LIFECYCLE_CHANGE"} == set(kinds)


async def test_one_sees_of_a_timeline_what_one_sees_elsewhere(crm: Crm, desk: Desk) -> None:
    """Without the right to read deals, none of theirs; a private interaction is its owner's."""
    customer = await _history(desk)
    [met] = await desk.find("interaction", subject="We met")
    scopes = {"customer:read": Scope.ALL, "interaction:read": Scope.ALL}
    ben = Actor(ActorType.USER, "user_2", "Ben", user_id=ids.new(), access=Access(scopes=scopes))
    kinds = ["LIFECYCLE_CHANGE", "INTERACTION", "LIFECYCLE_CHANGE"]
    assert kinds == [e["kind"] for e in (await _read(crm, customer["id"], by=ben))["edges"]]
    ana = await desk.create("user", name="Ana", email="ana@example.com")
    await desk.update("interaction", met["id"], visibility="PRIVATE", owner_id=ana["id"])
    assert kinds[::2] == [e["kind"] for e in (await _read(crm, customer["id"], by=ben))["edges"]]


_IDS = {
    "sqlite": "printf('01900000-0000-7000-8%03x-%012x', {number}, i)",
    "postgresql": "('01900000-0000-7000-8' || lpad(to_hex({number}), 3, '0') || '-' || lpad(to_hex(i), 12, '0'))::uuid",
}
_AT = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1577836800 + ({number} * 1000 + i) * 420, 'unixepoch')",
    "postgresql": "to_timestamp(1577836800 + ({number} * 1000 + i) * 420)",
}


async def _multiply(crm: Crm, table: str, at: str, number: int, count: int, row: UUID) -> None:
    """Copy a row so many times, seven minutes after each other, from 2020 on or, as number 1, from the 1000th on."""
    columns = [c for c in crm.entities[table].columns if c not in ("id", at)]
    dialect = crm.database.dialect
    await crm.database.execute(
        f"insert into {table} (id, {at}, {', '.join(columns)}) "
        f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) "
        f"select {_IDS[dialect].format(number=number)}, {_AT[dialect].format(number=number)}, {', '.join(columns)} from {table}, n where id = $1",
        row,
    )


async def test_a_page_costs_the_same_however_long_the_history_and_however_deep_the_page(
    crm: Crm, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in the database's own units: of each source it reads as much as the page holds, from an index."""
    customer = await _history(desk)
    [met] = await desk.find("interaction", subject="We met")
    [stay, _] = sorted(await desk.find("deal_stage_change"), key=lambda stay: stay["entered_at"])
    [change, _] = await desk.find("lifecycle_change")
    copied = (
        ("interaction", "occurred_at", met),
        ("deal_stage_change", "entered_at", stay),
        ("lifecycle_change", "at", change),
    )
    statements: list[tuple[str, tuple[Any, ...]]] = []
    read = crm.database.row

    async def remembered(sql: str, *params: Any) -> tuple[Any, ...]:
        statements.append((sql, params))
        return await read(sql, *params)

    async def cost(**arguments: Any) -> int:
        statements.clear()
        with monkeypatch.context() as patched:
            patched.setattr(crm.database, "row", remembered)
            assert len((await _read(crm, customer["id"], **arguments))["edges"]) == 20
        return await work(crm.database, *statements[0])

    deep = bytes(
        '["timeline", "2020-01-01T03:00:00.000000Z", "01900000-0000-7000-8000-000000000000", "INTERACTION"]', "ascii"
    ).hex()
    pages = ({"f": 20}, {"f": 20, "a": deep}, {"l": 20})
    costs = []
    for number, count in enumerate((1000, 5000)):
        for table, at, row in copied:
            await _multiply(crm, table, at, number, count, row["id"])
        await crm.database.execute("analyze")
        costs.append([await cost(**page) for page in pages])
    short, long = costs
    assert all(after < 1.3 * before for before, after in zip(short, long, strict=True)), costs
