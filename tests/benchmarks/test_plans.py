"""That the operations of the benchmark find what they need through indexes, on data that is small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import asyncpg

from crmcore import Crm
from crmcore.database import Database
from crmcore.database.postgresql.together import Values, together
from tests.benchmarks.alone import Statement, statements
from tests.benchmarks.load import fill
from tests.benchmarks.operations import OPERATIONS
from tests.benchmarks.scans import scanned
from tests.benchmarks.world import Size, World


async def test_the_operations_of_the_benchmark_scan_no_table(crm: Crm) -> None:
    """Each has an index for every table it reads, whoever asks; without one it would grow with the data."""
    size = Size(50)
    tokens = await fill(crm, size)
    world = World(size, await crm.database.fetch_value("select id from pipeline"), ())
    for token in (tokens.colleague, tokens.team):
        found = await statements(crm, token, OPERATIONS, world, variants=1)
        scans = {key: await scanned(crm.database.url, statement) for key, statement in found.items()}
        assert {key: [] for key in found} == scans
        if crm.database.dialect == "postgresql":
            assert {key: [] for key in found} == await _scans_together(crm.database, found)


async def _scans_together(database: Database, found: Mapping[str, Statement]) -> Mapping[str, Sequence[str]]:
    """Return what is scanned where reads of several requests go out as one statement."""
    connection = await asyncpg.connect(database.url)
    try:
        scans = {}
        for key, (sql, (params, *_)) in found.items():
            types = [parameter.name for parameter in (await connection.prepare(sql)).get_parameters()]
            whole = together(sql, types)
            assert whole is not None
            scans[key] = await scanned(database.url, (whole, [tuple(Values(types).written([params] * 3))]))
        return scans
    finally:
        await connection.close()
