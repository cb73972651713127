"""Nothing is lost and nothing done twice while processes are killed and clocks jump: a short run; `python -m faults` is the long one."""

from __future__ import annotations

import sys

import pytest

from faults.run import run
from tests.faults.plan import Plan
from tests.faults.report import shown


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc, and ends with its parent by prctl")
async def test_points_add_up_after_a_handful_of_faults() -> None:
    """Each acknowledged movement is there once, each refusal is kept, of groups too, and the ledger keeps its invariants (SQLite)."""
    faults = ("server killed", "clock jumped", "answers swallowed")
    report = await run(Plan("sqlite", faults=3, pace=0.1, servers=1, workers=1, only=faults))

    assert [] == report.violations, shown(report)
    assert 3 == report.faults.total()
    assert report.counts["done"] > 0
    assert report.counts["posted in groups"] > 0
