"""By what a process hears of the commits of others, whichever the database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

from crmcore.database.address import Address
from crmcore.database.postgresql.notices import hear_notices
from crmcore.database.sqlite.versions import watch_versions

__all__ = ["wire_to"]

logger = logging.getLogger("crmcore.events.pulse")

#: Seconds between looks where nothing tells.
_TICK = 1.0


def wire_to(url: str, direct: str | None, heard: Callable[[str], None]) -> Coroutine[None, None, None]:
    """Return what runs until it is cancelled and tells of commits to the database at `url`.

    Args:

        url: the database's.
        direct: URL of the same database where PgBouncer does not stand between.
        heard: called with the text that came along, "" when none did.
    """
    address = Address.parse(direct or url)
    if address.path is not None:
        return watch_versions(address.path, lambda: heard(""))
    if not address.pooled:
        return hear_notices(address.server, heard)
    logger.info(
        "PgBouncer stands before %s, so others' commits are looked for every %g s; set pulse.listen to a direct URL "
        "of the same database to hear of them at once.",
        address.shown,
        _TICK,
    )
    return _tick(lambda: heard(""))


async def _tick(heard: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(_TICK)
        heard()
