"""Every test has a database that nobody has used, and a server that leaves room for others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from crmcore.database import Database
from crmcore.settings import Settings
from crmcore.testing import TestCrm, postgresql
from crmcore.testing.moulds import Mould
from crmcore.testing.postgresql import Server


async def contents(url: str, dialect: str) -> dict[str, Any]:
    """Return all there is in a database: tables with their rows, and where sequences stand."""
    database = Database.from_url(url)
    await database.open()
    if dialect == "sqlite":
        tables = "select name from sqlite_master where type = 'table' and sql not like 'create virtual%'"
        positions = "select * from sqlite_sequence order by 1"
    else:
        tables = "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        positions = "select sequencename, last_value from pg_sequences order by 1"
    names = [row["name"] for row in await database.fetch_dicts(tables)]
    found: dict[str, Any] = {
        name: sorted(map(repr, await database.fetch_dicts(f'select * from "{name}"'))) for name in names
    }
    found["positions"] = await database.fetch_dicts(positions)
    await database.close()
    return found


@pytest.mark.parametrize("name", ["another", "used"])
async def test_a_copy_has_nothing_of_the_one_before(
    name: str, crm_model: TestCrm, crm_mould: Callable[[str], Mould], crm_dialect: str
) -> None:
    """Rows, their changes, numbers that were given out, tables made and dropped, somebody still connected: all is gone."""
    mould = crm_mould(crm_dialect)
    with mould.copy("untouched") as url:
        fresh = await contents(url, crm_dialect)

    with mould.copy("used") as url:
        left_open = Database.from_url(url)
        await left_open.open()
        async with crm_model.like(Settings(database=url)) as crm:
            await crm.make("lesson_note")
        await left_open.execute("update crm_role set name = 'another'")
        await left_open.execute("delete from crm_role_permission")
        await left_open.script(["create table left_behind (id integer primary key)", "drop table crm_webhook_delivery"])
        spoilt = await contents(url, crm_dialect)
    with mould.copy(name) as url:
        found = await contents(url, crm_dialect)

    assert fresh == found
    # The proof would see it.
    changed = {table for table in fresh.keys() | spoilt.keys() if fresh.get(table) != spoilt.get(table)}
    assert changed >= {
        "crm_event",
        "positions",
        "crm_role",
        "crm_role_permission",
        "left_behind",
        "crm_webhook_delivery",
    }
    await left_open.close()


@pytest.fixture
def server(crm_dialect: str, request: pytest.FixtureRequest) -> Server:
    """The server of the run."""
    if crm_dialect == "sqlite":
        pytest.skip("about PostgreSQL")
    found: Server = request.getfixturevalue("crm_postgresql")
    return found


async def test_copies_are_made_when_every_connection_was_ended(
    server: Server, crm_mould: Callable[[str], Mould]
) -> None:
    """The connection that makes them is made again."""
    mould = crm_mould("postgresql")
    with mould.copy("before"):
        other = await asyncpg.connect(server.url("postgres"))
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usesysid is not null"
        )
        await other.close()
    with mould.copy("after") as url:
        assert await contents(url, "postgresql")


def test_a_statement_that_fails_says_why(server: Server) -> None:
    """It is the statement's fault, and not tried again."""
    with pytest.raises(asyncpg.InvalidCatalogNameError, match="nowhere"):
        server.execute("drop database nowhere")


@pytest.mark.parametrize(("processes", "roomy"), [("2", True), ("3", False)])
def test_a_server_is_in_memory_if_there_is_room_for_all(
    processes: str, roomy: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigabyte for each process of the run, or none of them takes any."""
    monkeypatch.setattr(postgresql, "_MEMORY", tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda place: SimpleNamespace(free=5 << 29))
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", processes)

    assert postgresql._memory() == (tmp_path if roomy else None)


def test_where_there_is_no_such_folder_it_is_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems than Linux have none."""
    monkeypatch.setattr(postgresql, "_MEMORY", tmp_path / "nowhere")

    assert postgresql._memory() is None
