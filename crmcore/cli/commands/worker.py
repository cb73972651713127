"""`crm worker`: a process that does nothing but background work."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.quick import quick_start
from crmcore.cli.running import settings_options

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["command"]


@click.command("worker")
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many jobs run beside each other instead of the setting's.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Answer /health, /ready and /metrics of this process at this TCP port; 0 takes a free one.",
)
@settings_options
def command(concurrency: int | None, port: int | None, database: str | None, config: Path | None) -> None:
    """Do jobs, put scheduled ones and deliver webhooks, until told to stop.

    Any number of these may run, on any host that reaches the database. SIGTERM or Ctrl-C lets running jobs end; those that
    need longer than the setting jobs.stop_timeout are given back and done again.
    """
    with quick_start():
        # Heavy: Piccolo and the plugins.
        from crmcore.app import Crm
        from crmcore.cli.log import set_up_log
        from crmcore.settings import load_settings

        settings = load_settings(config, database=database)
        set_up_log(settings.log)
        crm = Crm(settings)
    asyncio.run(_work(crm, concurrency, port))


async def _work(crm: Crm, concurrency: int | None, port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with crm:
        await crm.background.start(concurrency=concurrency)
        click.echo(f"Working on {crm.database.shown}.")
        await (stop.wait() if port is None else _watched(crm, port))
        click.echo("Stopping: running jobs get time to end.", err=True)


async def _watched(crm: Crm, port: int) -> None:
    """Answer whoever watches over this process, until told to stop."""
    # Heavy: Litestar and uvicorn.
    from crmcore.http.probes import probes
    from crmcore.http.server import listen, serve

    listener = listen(crm.settings.host, port)
    try:
        click.echo(f"Health and metrics at http://{crm.settings.host}:{listener.getsockname()[1]}.")
        await serve(probes(crm), listener, crm.settings.http)
    finally:
        listener.close()
