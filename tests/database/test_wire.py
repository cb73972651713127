"""What goes over the wire: one round trip for a read, and nothing that a pooler in between could lose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from crmcore.database import Database, StatementTimeout, UniqueViolation
from crmcore.database.migrations import MigrationSource, Migrator
from crmcore.errors import SetupError
from tests.database.test_failures import endless
from tests.database.wire import Wire

POOLED = "&pgbouncer=true"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
async def server_url(crm_dialect: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty PostgreSQL database."""
    if crm_dialect != "postgresql":
        pytest.skip("about PostgreSQL")
    empty: Callable[[], Awaitable[str]] = request.getfixturevalue("empty_postgresql")
    return await empty()


@pytest.fixture
async def wire(server_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    """A wire that only counts."""
    wire = Wire(server_url)
    async with wire.strung(tmp_path):
        yield wire


@pytest.fixture
async def changing(server_url: str, tmp_path: Path) -> AsyncIterator[Wire]:
    """A wire that changes servers between transactions."""
    wire = Wire(server_url, changing=True)
    async with wire.strung(tmp_path):
        yield wire


@pytest.fixture
async def pooled(changing: Wire, tmp_path: Path) -> AsyncIterator[Database]:
    """A database behind it, with the option that says so."""
    database = Database.from_url(changing.url(tmp_path, POOLED), pool_size=3, statement_timeout=5)
    await database.open()
    yield database
    await database.close()


async def test_a_read_is_one_round_trip(wire: Wire, tmp_path: Path) -> None:
    """Prepared once for each connection, and nothing is reset when a connection is given back."""
    database = Database.from_url(wire.url(tmp_path), pool_size=2)
    await database.open()
    await database.fetch("select $1::int", 0)
    before = wire.rounds
    for n in range(10):
        await database.fetch("select $1::int", n)
    assert 10 == wire.rounds - before
    await database.close()


async def test_a_long_statement_is_prepared_too(wire: Wire, tmp_path: Path) -> None:
    """asyncpg keeps nothing above 15 KB unless told to, and a plan's text may be longer."""
    database = Database.from_url(wire.url(tmp_path))
    sql = f"select $1::text || '{'x' * 50_000}'"
    await database.fetch(sql, "a")
    before = wire.rounds
    await database.fetch(sql, "b")
    assert 1 == wire.rounds - before
    await database.close()


async def test_a_transaction_is_its_statements_and_its_commit(wire: Wire, tmp_path: Path) -> None:
    """It begins with the first; what is left for later goes with the commit, and one without statements is nothing."""
    database = Database.from_url(wire.url(tmp_path))
    await database.script(["create table counter (n int)"])

    async def add(*, later: bool) -> None:
        async with database.transaction():
            await database.execute("insert into counter values ($1)", 1)
            if later:
                await database.later("update counter set n = n + $1", 1)

    async def nothing() -> None:
        with suppress(ZeroDivisionError):
            async with database.transaction():
                raise ZeroDivisionError

    rounds = []
    for unit in (partial(add, later=False), partial(add, later=True), nothing):
        for _ in range(2):
            before = wire.rounds
            await unit()
        rounds.append(wire.rounds - before)
    assert [2, 2, 0] == rounds
    await database.close()


async def test_a_cancellation_takes_nothing_along(wire: Wire, tmp_path: Path) -> None:
    """It has a connection of its own, on which the server expects nothing else."""
    database = Database.from_url(wire.url(tmp_path), pool_size=1)
    for _ in range(2):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1), database.transaction():
                await database.fetch("select pg_sleep($1)", 5)
        async with database.transaction():
            assert "repeatable read" == await database.fetch_value("show transaction_isolation")
    await database.close()


async def test_without_the_option_a_pooler_is_told_of(changing: Wire, tmp_path: Path) -> None:
    """The message names the option."""
    database = Database.from_url(changing.url(tmp_path))
    with pytest.raises(SetupError, match=r"\?pgbouncer=true"):
        await database.open()


async def test_servers_may_change_between_statements(pooled: Database, changing: Wire) -> None:
    """Reads and writes, alone and at the same time, each whole."""
    await pooled.script(["create table counter (id int primary key, n int)", "insert into counter values (1, 0)"])

    async def count(n: int) -> None:
        await pooled.execute("update counter set n = n + $1 where id = $2", n, 1)
        assert await pooled.fetch("select $1::int, n >= $1 from counter", n) == [(n, True)]

    for _ in range(4):
        await asyncio.gather(*(count(n) for n in range(8)))
    await pooled.execute_many("insert into counter values ($1, $2)", [(n, n) for n in range(2, 9)])
    assert [{"n": 4 * 28, "others": 7}] == await pooled.fetch_dicts("select max(n) n, count(*) - 1 others from counter")
    assert len(changing.links) > 1


async def test_a_transaction_stays_with_one_server(pooled: Database) -> None:
    """With its savepoints, and at the isolation that lost updates need."""
    await pooled.script(["create table counter (id int primary key, n int)"])
    async with pooled.transaction():
        one = await pooled.fetch_value("select pg_backend_pid()")
        await pooled.execute("insert into counter values (1, 1)")
        with pytest.raises(UniqueViolation):
            async with pooled.transaction():
                await pooled.execute("insert into counter values (1, 2)")
        assert (one, "repeatable read") == (
            await pooled.fetch_value("select pg_backend_pid()"),
            await pooled.fetch_value("show transaction_isolation"),
        )
    assert 1 == await pooled.fetch_value("select n from counter")


async def test_the_time_limit_holds_without_a_session(changing: Wire, tmp_path: Path) -> None:
    """Alone and inside a transaction; the connection works on."""
    database = Database.from_url(changing.url(tmp_path, POOLED), pool_size=1, statement_timeout=0.2)
    with pytest.raises(StatementTimeout):
        await database.fetch(endless(database))
    with pytest.raises(StatementTimeout):
        async with database.transaction():
            await database.fetch(endless(database))
    assert 1 == await database.fetch_value("select 1")
    await database.close()


async def test_a_session_in_another_zone_changes_no_value(pooled: Database) -> None:
    """Instants go in and come out as the same moment."""
    await pooled.script(["create table moment (at timestamptz, about json)"])
    await pooled.execute("insert into moment values ($1, $2)", NOON, {"a": None})
    assert [(NOON, '{"a":null}')] == await pooled.fetch("select at, about from moment where at = $1", NOON)


async def test_migrations_wait_for_each_other(pooled: Database, tmp_path: Path) -> None:
    """Two at once: one does it, the other finds it done; no lock is left on a server's session."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "shop_0001_initial.py").write_text(
        "from crmcore.database.migrations import *\n"
        'migration = Migration(operations=[create_table(Table("thing", (Column("id", "int", primary=True),)))])\n'
    )
    done = await asyncio.gather(*(Migrator(pooled, [MigrationSource("shop", folder)]).up() for _ in range(2)))
    assert [0, 1] == sorted(map(len, done))
    assert 0 == await pooled.fetch_value("select count(*) from pg_locks where locktype = 'advisory'")
