"""Filling a migrated database with the world: COPY on PostgreSQL, one transaction on SQLite, statistics at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from uuid import UUID

import asyncpg

from crmcore import Crm, Settings
from crmcore.access import accounts, tokens
from crmcore.cli.running import operator
from crmcore.database.values import sqlite_value
from crmcore.entities import actions
from crmcore.entities.work import Work
from tests.benchmarks.world import Place, Row, Size, World, tables

__all__ = ["Tokens", "fill", "load"]

_BATCH = 20_000
#: Of a hundred deals, how many stand in a stage; the rest of them is lost.
_SHARES = {"prospecting": 8, "qualification": 6, "proposal": 5, "negotiation": 4, "on-hold": 2, "won": 35, "lost": 40}


@dataclass(frozen=True)
class Tokens:
    """Secrets of those who ask.

    Attributes:

        colleague: reads all records and creates interactions; visibility of interactions counts.
        team: reaches only the records of one team of five.
    """

    colleague: str
    team: str


async def load(url: str, size: Size) -> Tokens:
    """Migrate a new database and fill it.

    Args:

        url: of an empty database.
        size: how much.
    """
    crm = Crm(Settings(database=url))
    await crm.start(migrate="always")
    try:
        return await fill(crm, size)
    finally:
        await crm.stop()


async def fill(crm: Crm, size: Size) -> Tokens:
    """Fill a CRM that runs and holds nothing yet."""
    world, url = await _world(crm, size), crm.database.url
    if crm.database.dialect == "postgresql":
        await _copy(url, world)
    else:
        _insert(url.removeprefix("sqlite:///"), world)
    return await crm.run(operator(), _people)


async def _world(crm: Crm, size: Size) -> World:
    rows = await crm.database.fetch(
        "select s.id, s.key, s.kind, s.is_on_hold, s.pipeline_id from stage s order by s.position"
    )
    places = tuple(Place(id, "ON_HOLD" if on_hold else str(kind), _SHARES[key]) for id, key, kind, on_hold, _ in rows)
    return World(size, rows[0][4], places)


async def _copy(url: str, world: World) -> None:
    connection = await asyncpg.connect(url)
    try:
        for table, rows in tables(world):
            columns, values = _parted(rows)
            for part in _parts(values):
                await connection.copy_records_to_table(table, records=part, columns=columns)
        await connection.execute("vacuum (analyze, freeze)")
    finally:
        await connection.close()


def _insert(path: str, world: World) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("begin")
    for table, rows in tables(world):
        columns, values = _parted(rows)
        sql = f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
        connection.executemany(sql, (tuple(map(sqlite_value, row)) for row in values))
    connection.execute("commit")
    connection.execute("analyze")
    connection.close()


def _parted(rows: Iterator[Row]) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    first = next(rows)
    return tuple(first), (tuple(row.values()) for row in chain([first], rows))


def _parts(values: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while part := list(islice(values, _BATCH)):
        yield part


async def _people(work: Work) -> Tokens:
    role = await actions.create(work, "role", {"key": "logs", "name": "Logs interactions"})
    right = {"role_id": role["id"], "permission": "interaction:create", "scope": "ALL"}
    await actions.create(work, "role_permission", right)
    colleague = await accounts.create_user(work, name="Colleague", roles=["viewer", "logs"])
    leader = await accounts.create_user(work, name="Team leader", roles=["manager"])
    (team,) = await work.find("team", name="Team 0")
    await actions.create(work, "team_membership", {"team_id": team["id"], "user_id": leader["id"]})
    return Tokens(await _token(work, colleague["id"]), await _token(work, leader["id"]))


async def _token(work: Work, user: UUID) -> str:
    issued = await tokens.issue(work, user, "Benchmark")
    assert issued.secret is not None
    return issued.secret
