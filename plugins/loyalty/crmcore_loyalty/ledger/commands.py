"""What the ledger adds to the command line."""

from __future__ import annotations

import click

from crmcore import Crm, clock
from crmcore.cli import with_crm
from crmcore_loyalty.ledger import sweeps

__all__ = ["expire"]

_DUE = """
    select count(*), coalesce(sum(remaining + pending), 0), count(distinct account_id) from loyalty_lot
    where due_at <= $1 and expires_at <= $1
"""


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would expire, and change nothing.")
@with_crm
async def expire(crm: Crm, dry_run: bool) -> None:
    """Let points expire whose time has come, as the hourly job does; what was interrupted goes on where it was."""
    if dry_run:
        ((lots, points, accounts),) = await crm.database.fetch(_DUE, clock.now())
        click.echo(f"{points} points in {lots} lots of {accounts} accounts would expire.")
        return
    active, gone = await sweeps.activate_due(crm), await sweeps.expire_due(crm)
    click.echo(f"{active} transactions made pending points active, {gone} let points expire.")
