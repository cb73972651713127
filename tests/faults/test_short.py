"""Nothing is lost and nothing done twice while processes are killed: a short run; `tox -e faults` is the long one."""

from __future__ import annotations

import sys

import pytest

from tests.faults.plan import Plan
from tests.faults.report import shown
from tests.faults.run import run

#: Enough for each database's most telling faults; the long run has hundreds.
_FAULTS = {
    "sqlite": ("server killed", "worker killed", "answers swallowed"),
    "postgresql": ("server killed", "worker killed", "backend killed", "database killed", "answers swallowed"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc, and ends with its parent by prctl")
async def test_everything_adds_up_after_a_handful_of_faults(crm_dialect: str) -> None:
    """Each acknowledged change is there once, with one event, which reached everybody who follows and had its effect once."""
    report = await run(Plan(crm_dialect, faults=4, pace=0.1, workers=1, only=_FAULTS[crm_dialect]))
    assert [] == report.violations, shown(report)
    assert 4 == report.faults.total()
    assert report.counts["done"] > 0
