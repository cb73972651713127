"""What the processes of a run find: the test's plugin as an installed distribution, settings, and variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import crmcore
from tests.faults.plugin.defects import VARIABLE as DEFECT
from tests.faults.plugin.traces import VARIABLE as TRACES

__all__ = ["environment"]

_SETTINGS = """
pool_size = 6
statement_timeout = 10.0

[log]
format = "json"
level = "WARNING"

[jobs]
lease = 3.0
# A job that is held back because it failed is tried again soon, so that a run comes to its end.
breaker_rest = 1.0

[plugins.webhooks]
allowed_networks = ["127.0.0.0/8"]
plain_http = true
timeout = 5.0
# A receiver that fails three times of ten is told at last.
retry_after = [{retries}]
"""


def environment(folder: Path, defect: str | None) -> Mapping[str, str]:
    """Write what the processes find into a folder and return their variables; which database is theirs comes on top.

    Args:

        folder: of the run.
        defect: the defect to plant, if any.
    """
    record = folder / "faults-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: faults\nVersion: 1.0\n")
    (record / "entry_points.txt").write_text("[crmcore.plugins]\nfaults = tests.faults.plugin.plugin\n")
    (folder / "crm.toml").write_text(_SETTINGS.format(retries=", ".join(["0.3"] * 40)))
    repository = Path(crmcore.__file__).parents[1]
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("CRM_", "PYTEST", "COV"))}
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join((str(folder), str(repository))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CRM_CONFIG": str(folder / "crm.toml"),
        TRACES: str(folder / "traces.jsonl"),
        **({DEFECT: defect} if defect else {}),
    }
