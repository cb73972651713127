"""Creates that are asked for at the same moment are committed together: nobody can tell."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcore import Crm
from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.database import group_commit, ids
from crmcore.database.tally import TALLY, Tally
from crmcore.entities import actions
from crmcore.entities.work import Work
from tests.customers.conftest import desk
from tests.customers.desk import ANA, Desk

__all__ = ["desk"]

_SCOPES = {"customer:read": Scope.ALL, "interaction:read": Scope.ALL, "interaction:create": Scope.OWN}
TEAM = UUID(int=9)


def owner(number: int, *teams: UUID) -> Actor:
    """Somebody who makes interactions of their own only."""
    id = UUID(int=number)
    return Actor(
        ActorType.USER, ids.encode("user", id), f"Own {number}", id, team_ids=teams, access=Access(scopes=_SCOPES)
    )


ACTORS = (ANA, owner(101), owner(102), owner(103, TEAM))
CREATE = """mutation ($data: CreateInteractionInput!) { createInteraction(data: $data) {
  ... on Interaction { subject status customer { displayName } owner { name } }
  ... on Problem { code message violations { path code message } }
} }"""


class Asked(NamedTuple):
    """What somebody asks for; customer 2 is deleted, and nobody is customer 3."""

    actor: int
    customer: int
    status: str
    day: int
    subject: str
    channel: str | None
    taken: bool
    owned_by: int | None


fine = st.builds(
    Asked,
    st.integers(0, 3),
    st.sampled_from([0, 0, 1]),
    st.sampled_from(["COMPLETED", "COMPLETED", "PLANNED", "CANCELLED"]),
    st.integers(1, 28),
    st.sampled_from(["Call", "Line", 'He said "no" \\ {}', "客户", "NULL"]),
    st.sampled_from(["PHONE", None]),
    st.just(False),
    st.none(),
)
wrong = st.one_of(
    fine.map(lambda one: one._replace(customer=2)),
    fine.map(lambda one: one._replace(customer=3)),
    fine.map(lambda one: one._replace(channel="NO_SUCH")),
    fine.map(lambda one: one._replace(taken=True)),
    fine.map(lambda one: one._replace(owned_by=1)),
)


class Side:
    """Three customers, and a call to the first that has the external id of the side."""

    def __init__(self, crm: Crm, name: str) -> None:
        self.crm, self.name = crm, name
        self.customers: list[UUID] = []

    async def begin(self, desk: Desk) -> None:
        for number in range(3):
            row = await desk.person(f"Customer {number}")
            self.customers.append(row["id"])
        values: dict[str, Any] = {
            "kind": "NOTE",
            "channel": "PHONE",
            "external_id": self.name,
            "customer_id": self.customers[0],
        }
        await desk.create("interaction", **values)
        await desk.do(actions.delete, "customer", self.customers[2])
        self.customers.append(UUID(int=7))

    async def ask(self, one: Asked) -> Any:
        """Return the answer, with nothing in it that is this side's."""
        data: dict[str, Any] = {"kind": "CALL", "subject": one.subject, "status": one.status, "channel": one.channel}
        data["customerId"] = ids.encode("customer", self.customers[one.customer])
        data["dueAt" if one.status == "PLANNED" else "occurredAt"] = f"2026-01-{one.day:02}T09:30:00.000000Z"
        if one.taken:
            data |= {"externalId": self.name, "channel": "PHONE"}
        if one.owned_by is not None:
            data["ownerId"] = None
        TALLY.set(Tally("request"))  # as for whatever comes over HTTP
        answer = await self.crm.execute(CREATE, {"data": data}, actor=ACTORS[one.actor])
        return self.plain(str(answer))

    async def left(self) -> dict[str, Any]:
        """Return what is written of it."""
        told: dict[str, Any] = {}
        for number, customer in enumerate(self.customers[:2]):
            told[f"dates {number}"] = await self.crm.database.fetch(
                "select last_interaction_at, next_interaction_at from customer where id = $1", customer
            )
        made = (
            "select i.subject, i.status, i.owner_id, i.created_by, i.occurred_at, e.terms from interaction i "
            "join crm_search_entry e on e.record_id = i.id where i.customer_id = $1"
        )
        events = (
            "select e.record_id, e.type from crm_event e join interaction i on i.id = e.record_id where i.customer_id = $1 "
            "order by e.era, e.transaction_id, e.position"
        )
        for number, customer in enumerate(self.customers):
            rows = await self.crm.database.fetch(made, customer)
            told[f"made {number}"] = sorted(self.plain(str(row)) for row in rows)
            happened: dict[UUID, list[str]] = {}
            for id, type_ in await self.crm.database.fetch(events, customer):
                happened.setdefault(id, []).append(type_)
            told[f"events {number}"] = sorted(happened.values())
        return told

    def plain(self, text: str) -> str:
        for number, customer in enumerate(self.customers):
            text = text.replace(str(customer), f"customer {number}")
        return text.replace(self.name, "NAME")


@given(wanted=st.lists(fine, min_size=6, max_size=12) | st.lists(fine | wrong, min_size=2, max_size=8))
@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_at_once_is_as_one_after_the_other(
    crm: Crm, desk: Desk, monkeypatch: pytest.MonkeyPatch, wanted: Sequence[Asked]
) -> None:
    """The same answers, refusals word for word, and the same rows, dates, entries of search and events."""
    monkeypatch.setattr(group_commit, "_FEWEST", 16)  # also after those of which one was wrong
    monkeypatch.setattr(group_commit, "_REST", -1.0)
    await hire(crm)
    together, alone = Side(crm, ids.encode("x", ids.new())), Side(crm, ids.encode("y", ids.new()))
    await together.begin(desk)
    await alone.begin(desk)

    at_once = await asyncio.gather(*(together.ask(one) for one in wanted))

    assert [await alone.ask(one) for one in wanted] == at_once
    assert await alone.left() == await together.left()


async def hire(crm: Crm) -> None:
    """Make the users that own what they make."""
    if await crm.database.fetch_value("select count(*) from crm_user where id = $1", UUID(int=101)):
        return
    for actor in ACTORS[1:]:
        values = {"id": actor.user_id, "name": actor.label, "email": f"{actor.user_id}@example.com"}
        await crm.run(Actor.system(), partial(Work.insert, entity="user", values=values))


async def test_people_of_different_rights_share_a_transaction(crm: Crm, desk: Desk) -> None:
    """Where the statements are the same: whom they are about is a value. On SQLite whatever ends at the same moment."""
    await hire(crm)
    side = Side(crm, "z")
    await side.begin(desk)
    wanted = [Asked(1 + n % 2, n % 2, "COMPLETED", 1 + n, f"Call {n}", "PHONE", False, None) for n in range(16)]
    for _ in range(2):
        await asyncio.gather(*(side.ask(one) for one in wanted))
    if crm.database.dialect == "sqlite":
        assert crm.database.watch.committed >= 16
        return
    last = "select transaction_id, count(*) from crm_event where type = 'interaction.created' group by 1 order by 1"
    assert 16 == (await crm.database.fetch(last))[-1][1]


async def test_customers_are_locked_in_one_order(crm: Crm, desk: Desk) -> None:
    """Of two groups, in two processes, none has a row that the other waits for while it waits itself."""
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    side = Side(crm, "z")
    await side.begin(desk)
    side.customers = [(await desk.person(f"More {n}"))["id"] for n in range(5)]  # ids are made in order
    wanted = [Asked(0, number, "COMPLETED", 1, "Call", "PHONE", False, None) for number in (4, 1, 3, 0, 2)]
    await asyncio.gather(*map(side.ask, wanted))  # the first time they are prepared
    lock = "select id from customer where id = any($1) order by id for no key update"

    async with crm.database.transaction("read committed"):
        await crm.database.fetch(lock, [side.customers[2]])
        tasks = [asyncio.create_task(side.ask(one), context=Context()) for one in wanted]
        async with asyncio.timeout(30):
            while not await crm.database.fetch_value(WAITING):
                # Or a transaction sees for ever who waited when it looked first.
                await crm.database.execute("select pg_stat_clear_snapshot()")
        free = await crm.database.fetch(f"{lock} skip locked", side.customers)

    assert side.customers[2:] == [id for (id,) in free]
    await asyncio.gather(*tasks)
    assert 10 == await crm.database.fetch_value("select count(*) from interaction where kind = 'CALL'")


WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
