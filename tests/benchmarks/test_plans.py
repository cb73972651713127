"""That the operations of the benchmark find what they need through indexes, on data that is small."""

from __future__ import annotations

from crmcore import Crm
from tests.benchmarks.alone import statements
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
