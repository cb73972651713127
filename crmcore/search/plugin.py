"""Search as a plugin: it has tables of its own, which only SQL knows, and looks at its start whether they are up to date."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore.hookspecs import hookimpl
from crmcore.search.state import settle

if TYPE_CHECKING:
    from crmcore.app import Crm

_log = logging.getLogger("crmcore.search")


@hookimpl
def crm_migrations() -> Path:
    """Give the folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Warn of records that search does not find, since a plugin has more of them searched than the index has."""
    if stale := await settle(crm.database, crm.entities):
        _log.warning(
            "The index of search lacks %s as declared, so search misses records; run `crm search rebuild`.",
            ", ".join(stale),
        )
