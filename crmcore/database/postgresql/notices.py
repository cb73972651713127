"""PostgreSQL's NOTIFY between processes: one listening connection, made anew whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress

import asyncpg

from crmcore.database.postgresql.translate import ERRORS

__all__ = ["NOTIFY", "hear_notices"]

logger = logging.getLogger("crmcore.database.notices")

_CHANNEL = "crm_pulse"

#: Sends a notice. It is a transaction of its own that nobody has to find after a crash, so it does not wait for the disk:
#: as long as it runs, whatever committed after it is not settled.
NOTIFY = f"select set_config('synchronous_commit', 'off', true), pg_notify('{_CHANNEL}', $1)"

#: Seconds to wait for the server, for an answer to a probe, and between probes: a firewall that forgets a connection
#: tells neither end.
_CONNECT, _ANSWER, _PROBE = 10.0, 5.0, 15.0
#: Seconds before the second try to connect, doubled with each further one up to the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


async def hear_notices(server: str, heard: Callable[[str], None]) -> None:
    """Listen through lost connections until cancelled.

    Args:

        server: URL of the server for the driver; PgBouncer in transaction mode must not stand between.
        heard: called with the text of each notice, and with "" whenever it begins to listen: there may have been notices
            before.
    """
    failures = 0
    while True:
        try:
            await _listen(server, heard)
        except (*ERRORS, ValueError) as error:
            failures += 1
            if failures == 1:
                logger.warning("Notices of other processes cannot be heard (%s); trying again.", error or type(error))
        else:
            logger.warning("The server ended the connection that hears other processes; making a new one.")
            failures = 0
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**failures)
        # Apart from each other, or all processes would come back in the same moment.
        await asyncio.sleep(random.uniform(longest / 2, longest))  # noqa: S311


async def _listen(server: str, heard: Callable[[str], None]) -> None:
    """Listen until the connection is lost."""
    connection = await asyncpg.connect(
        server, timeout=_CONNECT, server_settings={"application_name": "crmcore listening"}
    )
    try:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(_CHANNEL, lambda _connection, _pid, _channel, text: heard(text))
        heard("")
        while not lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_PROBE):
                    await lost.wait()
                    return
            await connection.execute("select 1", timeout=_ANSWER)
    finally:
        connection.terminate()
