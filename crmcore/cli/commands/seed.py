"""`crm seed`: demonstration data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from crmcore.cli.progress import progress_shown
from crmcore.cli.running import with_crm
from crmcore.cli.size import SIZE, SIZES

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["command"]


@click.command("seed")
@click.option("--scenario", default="b2b", show_default=True, help="What the data tells of.")
@click.option("--seed", "number", type=int, default=1, show_default=True, help="The same number makes the same data.")
@click.option("--size", type=SIZE, metavar="SIZE", default="medium", show_default=True, help=f"Customers: {SIZES}.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The day on which its two years of history end.")
@with_crm
async def command(crm: Crm, scenario: str, number: int, size: int, until: datetime | None) -> None:
    """Fill a database with demonstration data.

    The same scenario, seed, size and day make the same data. What is in the database stays.
    """
    # Heavy: what the data is made of.
    from crmcore.interchange.seed import UNTIL, seed

    day = until.date() if until else UNTIL
    with progress_shown("Demonstration data") as progress:
        rows = await seed(crm, scenario, seed=number, size=size, until=day, progress=progress)
    click.echo(f"{rows} rows.")
