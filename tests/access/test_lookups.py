"""Looking up who asks, for many requests at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from crmcore.access.lookups import Lookups
from crmcore.errors import Unavailable

SQL = "select name, digest from thing where digest {keys}"


class Slow:
    """A database whose statements wait until they are let go."""

    dialect = "postgresql"
    in_transaction = False

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.rows = {"a": ("Anna", "a"), "b": ("Bo", "b")}
        self.failure: Exception | None = None
        self.go = asyncio.Event()

    async def fetch(self, sql: str, keys: Any) -> list[tuple[Any, ...]]:
        self.asked.append((sql, keys))
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        wanted = keys if isinstance(keys, list) else [keys]
        return [self.rows[key] for key in wanted if key in self.rows]


async def test_requests_that_wait_share_one_statement() -> None:
    """Whoever comes while a statement runs is answered by the next one, together with everybody else who waits."""
    database, lookups = Slow(), Lookups(SQL)
    first = asyncio.create_task(lookups.find(database, "a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(lookups.find(database, key)) for key in ("a", "b", "b", "c")]
    await asyncio.sleep(0)
    database.go.set()
    assert ("Anna", "a") == await first
    assert [("Anna", "a"), ("Bo", "b"), ("Bo", "b"), None] == await asyncio.gather(*later)
    assert [["a"], ["a", "b", "c"]] == [sorted(keys) for _, keys in database.asked]


async def test_a_statement_that_runs_already_does_not_answer_a_later_request() -> None:
    """What was revoked before a request came must not count for it, so it never takes an answer that was under way."""
    database, lookups = Slow(), Lookups(SQL)
    first = asyncio.create_task(lookups.find(database, "a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del database.rows["a"]
    second = asyncio.create_task(lookups.find(database, "a"))
    await asyncio.sleep(0)
    database.go.set()
    await first
    assert None is await second
    assert 2 == len(database.asked)


async def test_a_request_that_goes_leaves_the_others_their_answers() -> None:
    """A client that disconnects cancels its own request alone."""
    database, lookups = Slow(), Lookups(SQL)
    gone, stays = (asyncio.create_task(lookups.find(database, key)) for key in ("a", "b"))
    await asyncio.sleep(0)
    gone.cancel()
    database.go.set()
    assert ("Bo", "b") == await stays
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_failure_reaches_all_who_waited_and_nobody_after() -> None:
    """The next request asks again."""
    database, lookups = Slow(), Lookups(SQL)
    database.failure = Unavailable("The database is busy; try again.")
    database.go.set()
    both = await asyncio.gather(*(lookups.find(database, key) for key in ("a", "b")), return_exceptions=True)
    assert [Unavailable, Unavailable] == [type(each) for each in both]
    database.failure = None
    assert ("Anna", "a") == await lookups.find(database, "a")
