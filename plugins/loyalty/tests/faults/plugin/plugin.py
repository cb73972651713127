"""Gives the CRM a desk, and puts the run's clock in the place of the real one when it is imported."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crmcore import Crm, clock, hookimpl
from crmcore.jobs import scheduler
from faults.plugin import defects, till
from faults.warp import VARIABLE, Warp

if path := os.environ.get(VARIABLE):
    clock._source = Warp(Path(path)).now
    # Half a minute of ours is a quarter of an hour there.
    scheduler._LOOK = 0.5

defects.plant()


@hookimpl
def crm_routes() -> Iterable[Any]:
    """Where points are handed in."""
    return [till.hand_in]


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Open the desk."""
    await till.opened(crm)


@hookimpl
async def crm_shutdown() -> None:
    """Close it."""
    await till.closed()
