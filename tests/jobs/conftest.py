"""A CRM with a plugin whose jobs note that they ran, and a clock that can be moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crmcore import Actor, Crm, actions, clock, ids
from crmcore.jobs import operating
from crmcore.jobs.moment import micros
from crmcore.jobs.states import name_of
from crmcore.jobs.worker import Worker
from tests.jobs import shop


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin of the tests."""
    return [shop]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    shop.TOLD.clear()
    shop.DEAF.clear()
    shop.GO = asyncio.Event()


class Clock:
    """A clock that stands still unless it is put forward."""

    def __init__(self) -> None:
        self.now = clock.now()

    def forward(self, seconds: float) -> None:
        """Put it forward."""
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The clock of the test; ids that were made ahead of time do not push those of other tests."""
    monkeypatch.setattr("crmcore.database.ids._last", ids._last)
    made = Clock()
    with clock.at(lambda: made.now):
        yield made


@pytest.fixture
def state(crm: Crm) -> Callable[[UUID], Awaitable[str | None]]:
    """A function that gives a job's state as people see it, None if it is gone."""

    async def state_of(id: UUID) -> str | None:
        found = await crm.database.fetch_value("select state from crm_job where id = $1", id)
        return None if found is None else name_of(found)

    return state_of


@pytest.fixture
def customer(crm: Crm) -> Callable[[str], Awaitable[UUID]]:
    """A function that makes a customer."""

    async def made(name: str) -> UUID:
        values = {"kind": "PERSON", "display_name": name}
        row = await crm.run(Actor.system(), lambda work: actions.create(work, "customer", values))
        return row["id"]  # type: ignore[no-any-return]

    return made


@asynccontextmanager
async def working(crm: Crm, **options: Any) -> AsyncIterator[Worker]:
    """Have a worker work during the block."""
    worker = Worker(crm, **options)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        await task


async def cancelled(crm: Crm, id: UUID) -> bool:
    """Call a job off."""
    async with crm.database.transaction():
        return await operating.cancel(crm.database, id, micros(clock.now()))


async def until(condition: Callable[[], Any], seconds: float = 10) -> None:
    """Wait until a condition holds, sync or async."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.005)
