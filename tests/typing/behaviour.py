"""What a plugin does: actions, jobs, handlers, subscriptions, life; and a program that runs a CRM."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import click
from litestar import Litestar

from crmcore import (
    Access,
    Action,
    Actor,
    ActorType,
    After,
    BigInt,
    Call,
    Created,
    Crm,
    Database,
    Dead,
    Deleted,
    Destroyed,
    Event,
    Inside,
    Job,
    Live,
    Lost,
    Money,
    Once,
    RecordRef,
    Ref,
    Restored,
    Retry,
    Row,
    Run,
    Schedule,
    Scope,
    Seeding,
    Service,
    Settings,
    Updated,
    Work,
    action,
    actions,
    after,
    clock,
    errors,
    hookimpl,
    ids,
    inside,
    instants,
    job,
    live,
    load_settings,
)
from crmcore.cli import with_crm
from crmcore.customers.events import CustomerCreated


@dataclass(frozen=True)
class Verdict:
    """What came out."""

    good: Annotated[bool, "Whether all is good."]
    steps: Annotated[BigInt | None, "How many steps it took."] = None


@action(returns="visit", permission="visits.go", since="1.2")
async def visits_hold(
    work: Work,
    id: Annotated[UUID, Ref("visit"), "Which."],
    about: Annotated[RecordRef | None, Ref("*"), "About what."] = None,
    costs: Annotated[Money | None, "What it cost."] = None,
    steps: Annotated[BigInt | None, "How many steps away."] = None,
) -> Row:
    """Hold a visit."""
    before = await work.get("visit", id)
    found: list[Row] = await work.find("visit", customer_id=before["customer_id"])
    if not found:
        raise errors.Invalid.at("id", "GONE", "Nobody is there.")
    if costs is not None and costs.currency != "EUR":
        raise errors.Refusal(str(Money.of("1.50", "EUR").amount))
    if steps is not None and steps > 10_000:
        raise errors.Declined("Too far.", [errors.Violation("steps", "TOO_FAR", "Too far.")])
    await work.put(remind(str(before["id"])), delay=timedelta(hours=1))
    return await actions.update(work, "visit", id, {"done": True})


async def judged_together(
    crm: Crm,
    actor: Actor,
    values: Mapping[str, Any],
    request_id: str | None,
    once: Once | None,
    last: Callable[[Any], Awaitable[None]] | None,
) -> Verdict | None:
    """Do it with others; or not."""
    if once is None or not values or last is None:
        return None

    async def unit(work: Work) -> Verdict:
        verdict = Verdict(good=not await Once.used(work, [once], hope=True))
        await Once.keep(work, [(once, verdict)])
        return verdict

    return await crm.run(actor, unit, request_id=request_id, idempotency_key=once.key, last=last)


@action(returns=Verdict, isolation="read committed", shared=judged_together)
async def visits_judge(work: Work) -> Verdict:
    """Judge."""
    row = await actions.create(work, "visit", {"title": "A"})
    row, made = await actions.upsert(work, "visit", row, on="TITLE")
    await actions.delete(work, "visit", row["id"])
    return Verdict(good=made)


async def from_another_action(work: Work) -> Row:
    """Actions are called as the functions they are."""
    verdict: Verdict = await visits_judge(work)
    assert verdict.good
    return await visits_hold(work, ids.new(), costs=None)


@job(retries=3, timeout=60, per="visit_id", rate="10/m", ordered=True)
async def remind(run: Run, visit_id: str) -> None:
    """Remind somebody."""
    if run.actor.type is not ActorType.JOB:
        raise Dead("Who asks?")
    try:
        await run.progress(0.5, "half")
    except Lost:
        raise Retry(timedelta(minutes=1), "later") from None

    async def unit(work: Work) -> int:
        return len(await work.find("visit", id=UUID(visit_id)))

    done: int = await run.finish(unit)
    assert done


CALLED: Call = remind("1")
DAILY = Schedule(remind("1"), cron="0 9 * * *", zone="Europe/Vienna")
OFTEN = Schedule(remind("1"), every=timedelta(minutes=5))


async def open_file(work: Work, event: CustomerCreated) -> None:
    """In the transaction."""
    await work.insert("visit", {"customer_id": event.record_id, "title": event.after["display_name"]})


async def greet(crm: Crm, event: Created) -> None:
    """After the commit."""
    async with crm.database.transaction():
        await crm.database.execute("select 1")


async def note(crm: Crm, event: Event) -> None:
    """Of whatever happened."""


@live(CustomerCreated, since="1.4")
def visits_new(event: CustomerCreated, of: Annotated[UUID, Ref("customer"), "Whose."]) -> bool:
    """Somebody is new."""
    return event.record_id == of


async def look_about(crm: Crm) -> None:
    """Beside requests."""


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """Declare actions."""
    return [visits_hold, visits_judge]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Declare handlers."""
    kinds_of = (Created, Updated, Deleted, Restored, Destroyed)
    return [
        inside(CustomerCreated, open_file),
        after(Created, greet, ordered=True),
        *(after(k, note) for k in kinds_of),
    ]


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Declare jobs."""
    return [remind, DAILY, OFTEN]


@hookimpl
def crm_graphql() -> Iterable[Live[Any, Any]]:
    """Declare a subscription."""
    return [visits_new]


@hookimpl
def crm_background() -> Iterable[Service]:
    """Declare what runs beside requests."""
    return [Service("look", look_about)]


@hookimpl
async def crm_seed(seeding: Seeding) -> None:
    """Make demonstration data."""
    made: UUID = seeding.add("visit", {"title": "A"}, clock.now())
    assert ids.parse(ids.encode("visit", made), "visit")


@click.command()
@with_crm
async def today(crm: Crm) -> None:
    """Show what is due today."""
    rows: list[dict[str, Any]] = await crm.database.fetch_dicts("select 1 as one")
    click.echo(rows)


async def program() -> AsyncIterator[dict[str, Any]]:
    """Run a CRM, ask it, and follow what happens."""
    settings: Settings = load_settings()
    reader = Actor(ActorType.USER, "1", "Ada", access=Access(scopes={"visit:read": Scope.OWN}))
    async with Crm(settings, plugins=[object()]) as crm:
        application: Litestar = crm.asgi()
        database: Database = crm.database
        answer: dict[str, Any] = await crm.execute("{ me { id } }", {"a": 1}, actor=Actor.system())
        put: UUID = await crm.put(remind("1"))
        row = await crm.run(reader, from_another_action)
        then: datetime = instants.parse("2026-01-01T00:00:00Z")
        click.echo([application, database, answer, put, row["id"], then < datetime.now(UTC)])
        async for change in crm.subscribe("subscription { changes { id } }", actor=reader):
            yield change
