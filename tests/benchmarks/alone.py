"""The database alone: the statements that crmcore makes, prepared, with nothing around them."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import asyncpg

from crmcore import Crm
from crmcore.access import tokens
from crmcore.database.sqlite.functions import add_functions
from crmcore.database.values import for_sqlite
from tests.benchmarks import usage
from tests.benchmarks.operations import Operation
from tests.benchmarks.world import World

__all__ = ["Statement", "alone", "statements"]

#: SQL, and the parameters of several requests.
Statement = tuple[str, list[tuple[Any, ...]]]


async def statements(
    crm: Crm, token: str, operations: Sequence[Operation], world: World, variants: int = 200
) -> Mapping[str, Statement]:
    """Return what crmcore asks the database for each operation that reads, by its key."""
    found = {}
    actor = await tokens.resolve(crm.database, crm.actors, token)
    for operation in (o for o in operations if o.key != "create"):
        asked, random = crm.documents.get(operation.text), Random(operation.key)
        varied = [operation.variables(operation.vary(world, random)) for _ in range(variants)]
        plans = [crm.planner.explain(asked, variables, actor) for variables in varied]
        found[operation.key] = plans[0].sql, [plan.parameters for plan in plans]
    return found


def alone(url: str, statement: Statement, seconds: float) -> float:
    """Return the processor time of the database for one such statement, in microseconds; SQLite's own is this process'."""
    if url.startswith("sqlite"):
        return _sqlite(url.removeprefix("sqlite:///"), statement, seconds)
    return asyncio.run(_postgresql(url, statement, seconds))


async def _postgresql(url: str, statement: Statement, seconds: float) -> float:
    connection = await asyncpg.connect(url, server_settings={"jit": "off", "timezone": "UTC"})
    try:
        sql, parameters = statement
        prepared, pid = await connection.prepare(sql), connection.get_server_pid()
        for values in parameters:
            await prepared.fetch(*values)
        before, count, end = usage.processor_time(pid), 0, time.monotonic() + seconds
        for values in itertools.cycle(parameters):
            await prepared.fetch(*values)
            count += 1
            if time.monotonic() > end:
                break
        return (usage.processor_time(pid) - before) / count * 1e6
    finally:
        await connection.close()


def _sqlite(path: str, statement: Statement, seconds: float) -> float:
    connection = sqlite3.connect(path)
    add_functions(connection)
    sql, parameters = statement
    bound = [for_sqlite(values) for values in parameters]
    for values in bound:
        connection.execute(sql, values).fetchall()
    before, count, end = time.process_time(), 0, time.monotonic() + seconds
    for values in itertools.cycle(bound):
        connection.execute(sql, values).fetchall()
        count += 1
        if time.monotonic() > end:
            break
    spent = time.process_time() - before
    connection.close()
    return spent / count * 1e6
