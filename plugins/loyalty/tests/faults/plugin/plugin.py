"""Puts the run's clock in the place of the real one when it is imported; it gives the CRM nothing."""

from __future__ import annotations

import os
from pathlib import Path

from crmcore import clock
from crmcore.jobs import scheduler
from faults.plugin import defects
from faults.warp import VARIABLE, Warp

if path := os.environ.get(VARIABLE):
    clock._source = Warp(Path(path)).now
    # Half a minute of ours is a quarter of an hour there.
    scheduler._LOOK = 0.5

defects.plant()
