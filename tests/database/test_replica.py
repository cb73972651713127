"""Reads of requests go to a copy of the database as long as it answers and nobody has written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from crmcore.database import Contention, Database, StatementTimeout
from crmcore.database.failures import Busy
from crmcore.database.replica import Replica
from crmcore.database.tally import TALLY, Tally
from crmcore.errors import Unavailable
from crmcore.testing.postgresql import Server
from tests.database.standby import following

WHO = "select name from who"


async def filled(database: Database, name: str) -> None:
    """Make a database that says which it is."""
    await database.script(["create table who (name text)", f"insert into who values ('{name}')"])


@pytest.fixture
async def copy_url(crm_dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a second database, which stands for the replica."""
    if crm_dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'copy.db'}"
        return
    server: Server = request.getfixturevalue("crm_postgresql")
    admin = await asyncpg.connect(server.url("postgres"))
    await admin.execute("create database copied template template0")
    yield server.url("copied")
    await admin.execute("drop database copied with (force)")
    await admin.close()


@pytest.fixture
async def replicated(database_url: str, copy_url: str) -> AsyncIterator[Database]:
    """A database with a replica; each says which it is."""
    database = Database.from_url(database_url, pool_size=1, replica=copy_url)
    await database.open()
    await filled(database, "primary")
    copy = Database.from_url(copy_url)
    await copy.open()
    await filled(copy, "replica")
    await copy.close()
    yield database
    await database.close()


@contextmanager
def request() -> Iterator[Tally]:
    """A request is served while the block runs."""
    tally = Tally()
    token = TALLY.set(tally)
    yield tally
    TALLY.reset(token)


async def test_a_read_of_a_request_goes_to_the_replica(replicated: Database) -> None:
    """If it says that it need not see the last moment."""
    with request():
        assert [("replica",)] == await replicated.reads.fetch(WHO)
        assert [("primary",)] == await replicated.fetch(WHO)


async def test_what_is_no_request_reads_the_database(replicated: Database) -> None:
    """A command or a job would not see what it has just written."""
    assert [("primary",)] == await replicated.reads.fetch(WHO)


async def test_a_request_that_wrote_reads_what_it_wrote(replicated: Database) -> None:
    """From its first write on, in a transaction and after it; the next request is free again."""
    with request():
        async with replicated.transaction():
            await replicated.execute("update who set name = $1", "written")
            inside = await replicated.reads.fetch(WHO)
        assert [("written",)] == inside == await replicated.reads.fetch(WHO)
    with request():
        await replicated.execute("update who set name = $1", "again")
        assert [("again",)] == await replicated.reads.fetch(WHO)
    with request():
        assert [("replica",)] == await replicated.reads.fetch(WHO)


@pytest.mark.parametrize("gone", ["unreachable", "lost"])
async def test_a_replica_that_does_not_answer_is_told_of_once(
    replicated: Database, caplog: pytest.LogCaptureFixture, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database answers in its place; for a while nobody waits for the replica again."""
    assert isinstance(replicated.reads, Replica)
    asked = []

    async def fail(*args: object) -> None:
        asked.append(args)
        raise Unavailable(gone)

    monkeypatch.setattr(replicated.reads._copy, "fetch", fail)
    with caplog.at_level(logging.WARNING), request():
        for _ in range(3):
            assert [("primary",)] == await replicated.reads.fetch(WHO)
    assert (1, 1, 1) == (len(asked), len(caplog.records), replicated.reads.failures)
    monkeypatch.undo()
    replicated.reads._resting_until = 0
    with request():
        assert [("replica",)] == await replicated.reads.fetch(WHO)


@pytest.mark.parametrize("error", [StatementTimeout("slow"), Busy("full")])
async def test_what_is_too_much_for_the_replica_is_not_done_twice(
    replicated: Database, error: Unavailable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database has the writes to care for."""
    await failing_with(replicated, error, monkeypatch)
    with request(), pytest.raises(type(error)):
        await replicated.reads.fetch(WHO)


async def test_a_statement_that_recovery_ended_is_run_on_the_database(
    replicated: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is usual on a replica, which goes on being asked."""
    await failing_with(replicated, Contention("recovery"), monkeypatch)
    with request():
        assert [("primary",)] == await replicated.reads.fetch(WHO)
        monkeypatch.undo()
        assert [("replica",)] == await replicated.reads.fetch(WHO)


async def failing_with(database: Database, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the replica fail."""

    async def fail(*_: object) -> None:
        raise error

    assert isinstance(database.reads, Replica)
    monkeypatch.setattr(database.reads._copy, "fetch", fail)


async def test_a_start_does_not_wait_for_the_replica(
    database_url: str, tmp_path: Path, crm_dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A CRM whose replica is down serves; the log says so, without the password."""
    nowhere = f"sqlite:///{tmp_path}/none/crm.db"
    if crm_dialect == "postgresql":
        nowhere = f"postgresql://crm:secret@/crm?host={tmp_path}"
    database = Database.from_url(database_url, replica=nowhere)
    with caplog.at_level(logging.WARNING):
        await database.open()
    await filled(database, "primary")
    with request():
        assert [("primary",)] == await database.reads.fetch(WHO)
    await database.close()
    assert ("replica" in caplog.text, "secret" in caplog.text) == (True, False)


async def test_a_real_replica_follows(crm_dialect: str, database_url: str) -> None:
    """PostgreSQL's own streaming replication: what is committed arrives, and what only reads runs there."""
    if crm_dialect != "postgresql":
        pytest.skip("about PostgreSQL")
    with following(database_url) as standby:
        database = Database.from_url(database_url, replica=standby)
        await database.open()
        await filled(database, "committed")
        assert isinstance(database.reads, Replica)
        async with asyncio.timeout(20):
            with request():
                while not await _arrived(database.reads):  # noqa: ASYNC110 - another process applies it and tells nobody
                    await asyncio.sleep(0.01)
                assert [(True,)] == await database.reads.fetch("select pg_is_in_recovery()")
                assert [("committed",)] == await database.reads.fetch(WHO)
        await database.close()


async def _arrived(replica: Replica) -> bool:
    return (await replica.fetch("select to_regclass('who') is not null"))[0][0]
