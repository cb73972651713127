"""`crm jobs`: work that is done apart from the requests that caused it."""

from __future__ import annotations

import click

from crmcore.cli.jobs import doing, looking

__all__ = ["command"]


@click.group("jobs")
def command() -> None:
    """Work that is done apart from the requests that caused it."""


for one in (
    looking.status,
    looking.list_,
    looking.dead,
    looking.show_one,
    looking.schedules,
    doing.run,
    doing.cancel,
    doing.retry,
    doing.replay,
    doing.pause,
    doing.resume,
):
    command.add_command(one)
