"""`crm search`: the index of search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crmcore.cli.progress import progress_shown
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["command"]


@click.group("search")
def command() -> None:
    """The index of search."""


@command.command("rebuild")
@with_crm
async def rebuild_(crm: Crm) -> None:
    """Index all records anew.

    Needed when a plugin has more searched than before, and after rows were loaded past crmcore. People can go on working.
    """
    # Heavy enough to wait until it is wanted.
    from crmcore.search.rebuilding import rebuild

    with progress_shown("Search index") as progress:
        records = await rebuild(crm.database, crm.entities, progress)
    click.echo(f"{records} records indexed.")
