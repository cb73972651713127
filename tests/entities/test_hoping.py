"""What is surely fine travels with the commit: nobody can tell, but by the round trips."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmcore import Crm, Settings
from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.database import Contention, UniqueViolation, ids
from crmcore.database.transactions import TransactionMisuse
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import Duplicate, Forbidden, Invalid, Refusal
from tests.customers.conftest import desk
from tests.customers.desk import ANA, Desk
from tests.database.wire import Wire

__all__ = ["desk"]

NOBODY = UUID(int=7)
_RIGHTS = {"customer:read": Scope.ALL, "interaction:read": Scope.ALL, "interaction:create": Scope.OWN}
OWN = Actor(ActorType.USER, ids.encode("user", NOBODY), "Own", NOBODY, access=Access(scopes=_RIGHTS))


async def call(work: Work, customer: UUID, **values: Any) -> None:
    """Log a call, and what follows from it in another record."""
    given = {"kind": "CALL", "status": "COMPLETED", "occurred_at": work.now, "customer_id": customer, **values}
    row = await actions.create(work, "interaction", given)
    await actions.create(work, "interaction_participant", {"interaction_id": row["id"], "raw_address": "a@b.example"})


async def wrong_twice(work: Work, customer: UUID) -> None:
    await call(work, NOBODY, occurred_at=None, channel="NO_SUCH")


async def no_deal(work: Work, customer: UUID) -> None:
    await call(work, customer, deal_id=NOBODY)


async def taken(work: Work, customer: UUID) -> None:
    await call(work, customer, channel="PHONE", external_id="taken")


async def unknown_custom_field(work: Work, customer: UUID) -> None:
    await call(work, customer, custom_fields={"no": 1})


async def own_reason(work: Work, customer: UUID) -> None:
    """A unit that knows better, before the database was asked about the link."""
    try:
        await call(work, NOBODY)
    except Invalid:
        raise Forbidden("Not with nobody.") from None
    await call(work, customer)


async def then_refused(work: Work, customer: UUID) -> None:
    await call(work, customer)
    raise Forbidden("Not today.")


async def taken_by_a_change(work: Work, customer: UUID) -> None:
    row = await actions.create(work, "interaction", {"kind": "NOTE", "customer_id": customer, "channel": "PHONE"})
    await actions.update(work, "interaction", row["id"], {"external_id": "taken"})


async def changed_meanwhile(work: Work, customer: UUID) -> None:
    """What a handler of somebody's writes past the verbs."""
    before = await work.get("customer", customer, action="update")
    await work.database.execute("update customer set version = version + 1 where id = $1", customer)
    await actions._write(work, work.entities["customer"], before, {**before, "industry": "x"})


CASES = (
    taken_by_a_change,
    changed_meanwhile,
    wrong_twice,
    no_deal,
    taken,
    unknown_custom_field,
    own_reason,
    then_refused,
)


@pytest.fixture
async def customer(desk: Desk) -> UUID:
    """A customer with a call that has an external id."""
    row = await desk.person()
    await desk.do(call, row["id"], channel="PHONE", external_id="taken")
    id: UUID = row["id"]
    return id


async def asking(crm: Crm, actor: Actor, unit: Callable[[Work], Awaitable[Any]]) -> Any:
    """Run a unit that hopes for nothing."""

    async def without(work: Work) -> Any:
        work._hopeful = False
        return await unit(work)

    return await crm.run(actor, without)


async def refusal(running: Awaitable[Any]) -> tuple[Any, ...]:
    with pytest.raises(Refusal) as caught:
        await running
    violations = [(v.path, v.code, v.message) for v in caught.value.violations]
    return type(caught.value), caught.value.message, violations


async def written(crm: Crm) -> list[Any]:
    return [
        await crm.database.fetch_value(f"select count(*) from {table}")
        for table in ("interaction", "interaction_participant", "crm_event", "crm_search_entry")
    ]


@pytest.mark.parametrize("case", CASES)
async def test_refusals_are_the_same(crm: Crm, customer: UUID, case: Callable[[Work, UUID], Awaitable[None]]) -> None:
    """All that is wrong, in the same words, and nothing is left."""
    before = await written(crm)

    hoped = await refusal(crm.run(ANA, lambda work: case(work, customer)))

    assert hoped == await refusal(asking(crm, ANA, lambda work: case(work, customer)))
    assert before == await written(crm)


async def test_a_row_that_is_out_of_reach_is_refused(crm: Crm, customer: UUID) -> None:
    """By the rule that asks the database of the row as it is written."""
    before = await written(crm)
    unit = partial(call, customer=customer, owner_id=None)

    hoped = await refusal(crm.run(OWN, unit))

    assert Forbidden is hoped[0]
    assert hoped == await refusal(asking(crm, OWN, unit))
    assert before == await written(crm)


async def test_a_custom_field_that_is_required(crm: Crm, desk: Desk, customer: UUID) -> None:
    """It is missed, though nobody looked before the commit."""
    field = {"record_type": "interaction", "key": "mood", "label": "Mood", "kind": "TEXT", "is_required": True}
    await desk.create("custom_field_definition", **field)

    missed = await refusal(crm.run(ANA, partial(call, customer=customer)))

    assert [("customFields.mood", "REQUIRED", "Mood is required.")] == missed[2]
    await crm.run(ANA, partial(call, customer=customer, custom_fields={"mood": "good"}))


async def test_a_failure_in_a_savepoint_is_its_own(crm: Crm, customer: UUID) -> None:
    """What is caught there is what was raised there, and the rest is kept: nobody has to run again."""
    runs: list[Work] = []

    async def unit(work: Work) -> str:
        runs.append(work)
        await call(work, customer)
        try:
            async with work.savepoint():
                await taken(work, customer)
        except Duplicate:
            return "caught"
        return "no"

    before = await written(crm)
    assert "caught" == await crm.run(ANA, unit)
    assert (before[0] + 1, 1) == ((await written(crm))[0], len(runs))


async def test_a_failure_that_is_caught_without_a_savepoint_is_a_mistake(crm: Crm, customer: UUID) -> None:
    """As it is where each statement is waited for."""

    async def unit(work: Work) -> None:
        try:
            await taken(work, customer)
        except Duplicate:
            await call(work, customer)

    with pytest.raises(TransactionMisuse):
        await crm.run(ANA, unit)


async def test_a_unit_runs_again_only_where_it_hoped(crm: Crm, customer: UUID) -> None:
    """What is refused before anything was left for the commit is refused at once."""
    runs: list[bool] = []

    async def refused(work: Work, *, create: bool) -> None:
        if create:
            await call(work, customer)
        runs.append(work.hoped)
        raise Forbidden("No.")

    with pytest.raises(Forbidden):
        await crm.run(ANA, partial(refused, create=False))
    assert [False] == runs
    with pytest.raises(Forbidden):
        await crm.run(ANA, partial(refused, create=True))
    assert [True, False] == runs[1:]


async def test_a_unit_does_not_run_again_where_what_it_hoped_for_was_found(crm: Crm, customer: UUID) -> None:
    """A statement that was waited for took it along, so that the refusal that follows has nothing to do with it."""
    runs: list[bool] = []

    async def refused(work: Work, *, customer: UUID) -> None:
        await call(work, customer)
        runs.append(work.hoped)
        await work.database.fetch("select 1")
        raise Forbidden("No.")

    with pytest.raises(Forbidden):
        await crm.run(ANA, partial(refused, customer=customer))
    assert [True] == runs
    with pytest.raises(Invalid, match="there is no customer"):
        await crm.run(ANA, partial(refused, customer=ids.new()))
    assert [True, True] == runs


async def test_what_a_failure_is_taken_for_matters_to_nobody(crm: Crm, customer: UUID) -> None:
    """Who takes any key that is taken for a race of their own asks the next time, and hears whose it was."""

    async def unit(work: Work) -> None:
        await taken(work, customer)
        try:
            await work.database.execute("update customer set version = version where id = $1", customer)
        except UniqueViolation as violation:
            raise Contention("Raced.") from violation

    with pytest.raises(Duplicate):
        await crm.run(ANA, unit)


TAG = """mutation ($name: String!, $key: String!) {
  createTag(data: {name: $name}, idempotencyKey: $key) { ... on Tag { id } ... on Problem { code } }
}"""


async def test_a_refusal_is_kept_with_its_key(crm: Crm) -> None:
    """The key is written behind the record that is refused, and has no part in it."""
    for key, code in (("a", None), ("b", "DUPLICATE"), ("b", "DUPLICATE"), ("a", None)):
        answer = await crm.execute(TAG, {"name": "one", "key": key}, actor=ANA)
        assert code == answer["data"]["createTag"].get("code")


CREATE = """mutation ($data: CreateInteractionInput!) {
  createInteraction(data: $data) { ... on Interaction { id subject customer { displayName } } ... on Problem { code } }
}"""


async def test_what_takes_longer_is_read_behind_the_commit(
    crm: Crm, customer: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record and what it links to are read by the last statement; a list would hold up the transaction."""
    last, really = list[str](), crm.database.fetch_last

    async def watched(sql: str, *params: Any) -> Any:
        last.append(sql)
        return await really(sql, *params)

    monkeypatch.setattr(crm.database, "fetch_last", watched)
    data = {"kind": "NOTE", "subject": "x", "customerId": ids.encode("customer", customer)}
    for more, count in (("", 1), (" customer { deals { nodes { id } } }", 1), ("", 2)):
        text = CREATE.replace(" subject ", f" subject {more} ")
        answer = await crm.execute(text, {"data": data}, actor=ANA)
        assert ("x", count) == (answer["data"]["createInteraction"]["subject"], len(last))


UPDATE = """mutation ($id: ID!, $data: UpdateInteractionInput!) {
  updateInteraction(id: $id, data: $data) { ... on Interaction { id subject } ... on Problem { code } }
}"""


async def test_a_create_is_one_round_trip_and_an_update_two(
    crm: Crm, customer: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Begin, checks, the record, what follows from it, events, the answer and the commit, in one message.

    What is changed has to be read first.
    """
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has no round trips")
    wire = Wire(crm.database.url)
    async with wire.strung(tmp_path):
        far = crm.like(Settings(database=wire.url(tmp_path)))
        monkeypatch.setattr(far.pulse, "beat", lambda **_: None)
        async with far:
            data = {"kind": "NOTE", "subject": "x", "customerId": ids.encode("customer", customer)}
            data |= {"status": "COMPLETED", "occurredAt": "2026-01-31T09:30:00Z"}
            rounds = []
            for _ in range(3):
                before = wire.rounds
                answer = await far.execute(CREATE, {"data": data}, actor=ANA)
                assert "x" == answer["data"]["createInteraction"]["subject"]
                rounds.append(wire.rounds - before)
            changes = []
            for place in ("outcome", "nextStep", "outcome", "nextStep"):
                before = wire.rounds
                given = {"id": answer["data"]["createInteraction"]["id"], "data": {place: str(before)}}
                assert "errors" not in await far.execute(UPDATE, given, actor=ANA)
                changes.append(wire.rounds - before)
    assert (1, 2) == (rounds[-1], changes[-1])


async def test_what_fails_behind_the_commit_does_nothing_twice(
    crm: Crm, customer: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    """All is kept then: done again it would be done twice."""

    async def last(row: Any) -> None:
        await crm.database.fetch_last("select 1 where $1 > 0", 1)
        raise ValueError("out of paper")

    async def unit(work: Work) -> Any:
        return await actions.create(work, "interaction", {"kind": "NOTE", "customer_id": customer})

    for round in (1, 2, 3):  # the first time on a connection the commit is a message of its own
        before = await crm.database.fetch_value("select count(*) from interaction")
        row = await crm.run(ANA, unit, last=last)
        assert before + 1 == await crm.database.fetch_value("select count(*) from interaction"), round
        assert row["kind"] == "NOTE"
    assert "What was written is kept" in caplog.text


async def test_what_fails_before_the_commit_is_done_again(crm: Crm, customer: UUID) -> None:
    """By a unit that asks, and shows nothing by itself."""
    told: list[str] = []

    async def last(row: Any) -> None:
        told.append("last")
        raise ValueError("out of paper")

    async def unit(work: Work) -> None:
        told.append("unit")
        await actions.create(work, "interaction", {"kind": "NOTE", "customer_id": customer})

    before = await crm.database.fetch_value("select count(*) from interaction")
    await crm.run(ANA, unit, last=last)

    assert ["unit", "last", "unit"] == told
    assert before + 1 == await crm.database.fetch_value("select count(*) from interaction")
