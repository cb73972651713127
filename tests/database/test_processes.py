"""Processes that are killed, and processes that compete."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crmcore.database import Database
from crmcore.database.migrations import MigrationSource, Migrator

MIGRATIONS = {
    "shop_0001_initial": """
migration = Migration(operations=[
    create_table(Table("thing", (Column("id", "int", primary=True),))),
    create_table(Table("part", (Column("id", "int", primary=True), Column("thing_id", "int", default=1)))),
    run(work),
    alter_column("part", Column("thing_id", "bigint", default=1)),
])
""",
    "shop_0002_more": 'migration = Migration(operations=[add_column("thing", Column("note", "text", null=True))])',
}
BEFORE = """
import asyncio
from crmcore.database.migrations import *

async def work(database):
    await database.execute("insert into part (id) values (1)")
"""
LINGER = """
    print("inside", flush=True)
    await asyncio.Event().wait()
"""


def folder_of(path: Path, *, lingering: bool) -> Path:
    """Write the migrations; one of them never ends if it is lingering."""
    path.mkdir(exist_ok=True)
    for name, text in MIGRATIONS.items():
        (path / f"{name}.py").write_text(BEFORE + (LINGER if lingering else "") + text)
    return path


@asynccontextmanager
async def running(job: str, url: str, folder: Path | str = "") -> AsyncIterator[Process]:
    """Run a job in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.database.processes", job, url, str(folder), stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: Process) -> str:
    """Return what the process says next; what went wrong if it says nothing."""
    assert process.stdout is not None
    assert process.stderr is not None
    line = (await process.stdout.readline()).decode().strip()
    if not line:
        pytest.fail((await process.stderr.read()).decode())
    return line


@pytest.fixture
async def accounts(database: Database) -> Database:
    """A database with two rows that together hold a thousand."""
    await database.script(
        ["create table counter (id int primary key, n int)", "insert into counter values (1, 1000), (2, 0)"]
    )
    return database


async def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(
    accounts: Database, database_url: str
) -> None:
    """kill -9: the next writer need not wait, and finds the state before."""
    async with running("linger", database_url) as process:
        assert "inside" == await line_of(process)
        process.kill()
        await process.wait()
    async with asyncio.timeout(10):
        await accounts.retrying(lambda: accounts.execute("update counter set n = n + 1 where id = $1", 1))
    assert 1001 == await accounts.fetch_value("select n from counter where id = 1")


@pytest.mark.parametrize("moment", [1, 25])
async def test_a_process_killed_at_any_moment_loses_nothing_it_had_committed(
    accounts: Database, database_url: str, moment: int
) -> None:
    """kill -9 while it commits as fast as it can: what it said is there, and no transfer is half there."""
    async with running("transfer", database_url) as process:
        for _ in range(moment):
            said = int(await line_of(process))
        process.kill()
        await process.wait()
        assert process.stdout is not None
        rest = (await process.stdout.read()).decode().split("\n")
        said = max([said, *(int(line) for line in rest[:-1])])
    (left, right) = await accounts.fetch("select n from counter order by id")
    assert 1000 == left[0] + right[0]
    assert right[0] in (said, said + 1)


async def test_a_process_killed_inside_a_migration_leaves_nothing_of_it(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """kill -9: no table, no record; the next one applies it whole."""
    async with running("migrate", database_url, folder_of(tmp_path / "lingering", lingering=True)) as process:
        assert "inside" == await line_of(process)
        process.kill()
        await process.wait()
    migrator = Migrator(database, [MigrationSource("shop", folder_of(tmp_path / "shop", lingering=False))])
    assert [] == await migrator.applied()
    assert ["shop_0001_initial", "shop_0002_more"] == [str(file) for file in await migrator.up()]
    assert [(1, 1)] == await database.fetch("select id, thing_id from part")


async def test_of_two_processes_that_migrate_at_once_each_migration_is_applied_by_one(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """The second waits and finds it done; neither fails."""
    folder = folder_of(tmp_path / "shop", lingering=False)
    async with running("migrate", database_url, folder) as one, running("migrate", database_url, folder) as other:
        said = [await process.communicate() for process in (one, other)]
        assert [0, 0] == [one.returncode, other.returncode], said
    lines = sorted(line for out, _ in said for line in out.decode().split())
    assert ["shop_0001_initial", "shop_0002_more"] == lines
    assert [(1, 1)] == await database.fetch("select id, thing_id from part")


async def test_of_two_tasks_that_migrate_at_once_each_migration_is_applied_by_one(
    database: Database, another_database: Callable[..., Database], tmp_path: Path
) -> None:
    """The same inside one process, where they meet more closely."""
    sources = [MigrationSource("shop", folder_of(tmp_path / "shop", lingering=False))]
    other = another_database()
    await other.open()
    results = await asyncio.gather(*(Migrator(d, sources).up() for d in (database, other, database, other)))
    assert ["shop_0001_initial", "shop_0002_more"] == sorted(str(file) for files in results for file in files)
