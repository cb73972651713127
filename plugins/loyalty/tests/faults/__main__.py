"""The fault test of loyalty from the command line: in `plugins/loyalty/tests`, `python -m faults`, or a part of it."""

from __future__ import annotations

import sys

from faults.befalling import NAMES
from faults.planted import PLANTED
from faults.run import run
from tests.faults.command import command

if __name__ == "__main__":
    sys.exit(command("faults", run, PLANTED, NAMES))
