"""The fault test from the command line: `python -m tests.faults`, or a part of it."""

from __future__ import annotations

import sys

from tests.faults.command import command
from tests.faults.faults import FAULTS
from tests.faults.planted import PLANTED
from tests.faults.run import run

if __name__ == "__main__":
    sys.exit(command("tests.faults", run, PLANTED, FAULTS))
