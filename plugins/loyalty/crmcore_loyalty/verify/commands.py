"""What one asks about the ledger on the command line."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click

from crmcore import Crm
from crmcore.cli import with_crm
from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.trial import trial_balance
from crmcore_loyalty.verify.verifying import violations
from crmcore_loyalty.verify.violation import Violation

__all__ = ["replay", "trial", "verify"]

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON, a violation a line.")
_MOST = click.option("--most", default=100, show_default=True, help="Stop after so many violations.")
_CURRENCIES = """
    select c.id, p.code as program, c.code as currency
    from loyalty_currency c join loyalty_program p on p.id = c.program_id order by p.code, c.code, c.id
"""


@click.command()
@_AS_JSON
@_MOST
@with_crm
async def verify(crm: Crm, as_json: bool, most: int) -> None:
    """Check the invariants I1 to I16 of the ledger, while it is used; exit with 1 if one is broken."""
    await _tell(violations(crm.database), as_json, most, "The ledger keeps all its invariants.")


@click.command()
@_AS_JSON
@_MOST
@with_crm
async def replay(crm: Crm, as_json: bool, most: int) -> None:
    """Play the journal into an empty ledger and compare; exit with 1 if lots, accounts or holds differ (I13)."""
    await _tell(replayed(crm.database), as_json, most, "Replaying the journal gives the same ledger, byte for byte.")


@click.command(name="trial-balance")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def trial(crm: Crm, as_json: bool) -> None:
    """Show the balances of each currency by account; exit with 1 if they do not add up to zero."""
    wrong, told = False, []
    for id, program, currency in await crm.database.fetch(_CURRENCIES):
        lines = await trial_balance(crm.database, id)
        total = sum(line.balance for line in lines)
        wrong |= total != 0
        told.append({"program": program, "currency": currency, "total": total, "lines": [asdict(x) for x in lines]})
        if not as_json:
            click.echo(f"{program} {currency}: {total}")
            for line in lines:
                click.echo(f"  {line.account:<10} {line.entries:>12} {line.debit:>20} {line.credit:>20}")
    if as_json:
        click.echo(json.dumps(told))
    sys.exit(int(wrong))


async def _tell(found: Any, as_json: bool, most: int, well: str) -> None:
    count = 0
    async for violation in found:
        assert isinstance(violation, Violation)
        click.echo(json.dumps(violation.plain) if as_json else violation.shown)
        count += 1
        if count == most:
            click.echo(f"Stopped after {count}; there may be more.", err=True)
            break
    if not count and not as_json:
        click.echo(well)
    sys.exit(int(count > 0))
