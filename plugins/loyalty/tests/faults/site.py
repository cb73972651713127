"""What the processes of a run find: loyalty, the test's plugin beside it, the clock, and settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import crmcore_loyalty
import crmcore_orders

import crmcore
from faults.plugin.defects import VARIABLE as DEFECT
from faults.plugin.till import VARIABLE as GROUPS
from faults.warp import VARIABLE as CLOCK
from faults.warp import Warp

__all__ = ["clock_of", "environment", "groups_of"]

_SETTINGS = """
pool_size = 6
statement_timeout = 10.0

[log]
format = "json"
level = "WARNING"

[jobs]
lease = 3.0
breaker_rest = 1.0

[plugins.loyalty]
sweep_size = 3
"""


def clock_of(folder: Path) -> Warp:
    """Return the clock of a run."""
    return Warp(folder / "clock")


def groups_of(folder: Path) -> Path:
    """Return the file of what desks posted together."""
    return folder / "groups"


def environment(folder: Path, defect: str | None) -> Mapping[str, str]:
    """Write what the processes find into a folder and return their variables; which database is theirs comes on top.

    Args:

        folder: of the run.
        defect: the defect to plant, if any.
    """
    record = folder / "faults-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: faults\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[crmcore.plugins]\nfaults = faults.plugin.plugin\n")
    (folder / "crm.toml").write_text(_SETTINGS)
    (folder / "clock").touch()
    groups_of(folder).touch()
    clock_of(folder).set(datetime.now(UTC))
    here = Path(__file__).parents[1]
    places = [Path(package.__file__ or "").parents[1] for package in (crmcore_loyalty, crmcore_orders, crmcore)]
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "PYTEST", "COV"))}
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join(map(str, (folder, *places, here))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CRM_CONFIG": str(folder / "crm.toml"),
        CLOCK: str(folder / "clock"),
        GROUPS: str(groups_of(folder)),
        **({DEFECT: defect} if defect else {}),
    }
