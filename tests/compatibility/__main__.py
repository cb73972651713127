"""Adds a release: `python -m tests.compatibility examples/third_party_plugin`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.compatibility.releases import added

for source in sys.argv[1:]:
    print(added(Path(source)))  # noqa: T201
