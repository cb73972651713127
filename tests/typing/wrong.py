"""What mypy must refuse: every line with an ignore is a mistake that a plugin's author is told of before anything runs."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import (
    Actor,
    Created,
    Crm,
    Entity,
    Listing,
    Permission,
    Registered,
    Row,
    Schedule,
    Work,
    action,
    actions,
    after,
    columns,
    inside,
    job,
)
from crmcore.customers.events import CustomerCreated
from crmcore.testing import TestCrm, crash_after
from tests.typing.behaviour import remind, visits_judge
from tests.typing.declarations import Visit


def of_a_name_that_is_not_there() -> None:
    """Names are known, though crmcore loads them when they are first used."""
    from crmcore import Nope  # type: ignore[attr-defined]

    Nope()


async def of_customers(work: Work, event: CustomerCreated) -> None:
    """Hear of customers only."""


async def with_crm(crm: Crm, event: Created) -> None:
    """Hear after the commit."""


@job()  # type: ignore[arg-type]
async def count(run: str) -> None:
    """A job is given its run first."""


async def wrong(work: Work, crm: Crm, test: TestCrm) -> None:
    """Mistakes."""
    inside(Created, of_customers)  # type: ignore[arg-type]
    inside(CustomerCreated, with_crm)  # type: ignore[arg-type]
    after(CustomerCreated, of_customers)  # type: ignore[arg-type]
    remind(1)  # type: ignore[arg-type]
    remind()  # type: ignore[call-arg]
    Schedule(remind, cron="0 9 * * *")  # type: ignore[arg-type]
    await visits_judge(work, 1)  # type: ignore[call-arg]
    row: Row = await visits_judge(work)  # type: ignore[assignment]
    await actions.create(work, Visit, {})  # type: ignore[arg-type]
    await crm.execute("{ me { id } }")  # type: ignore[call-arg]
    await test.execute("{ me { id } }", as_=1)  # type: ignore[arg-type]
    await crm.run(Actor.system(), lambda w: 1)  # type: ignore[arg-type, return-value]
    Entity(Visit)  # type: ignore[call-arg]
    Entity(object, "visits")  # type: ignore[arg-type]
    Listing("visitsMine", "visit", "Mine.", lambda t: t)  # type: ignore[arg-type, misc]
    columns.text()  # type: ignore[call-arg]
    columns.text("What.", maximum=3)  # type: ignore[call-arg]
    columns.integer("How many.", since=1)  # type: ignore[arg-type]
    columns.link("customer", "Whose.")  # type: ignore[call-arg]
    with crash_after("nowhere"):  # type: ignore[arg-type]
        assert row


@action()  # type: ignore[call-arg]
async def without_result(work: Work) -> Row:
    """An action says what it returns."""
    return {}


@action(returns="visit")  # type: ignore[arg-type]
def not_async(work: Work) -> Row:
    """An action is awaited."""
    return {}


def crm_permissions() -> Iterable[Permission]:
    """Declare one thing as another."""
    return [Registered("interaction_channels", "DOOR", "Door", "At the door.")]  # type: ignore[list-item]


def crm_entities() -> Iterable[Entity]:
    """Declare a table as an entity."""
    return [Visit]  # type: ignore[list-item]
