"""`crm loyalty tiers`."""

from __future__ import annotations

import json
import sys
from time import perf_counter

import click

from crmcore import Actor, Crm
from crmcore.cli import with_crm
from crmcore_loyalty.tiers.reading import ladders
from crmcore_loyalty.tiers.recalculate import differing, recalculate, recalculate_due

__all__ = ["tiers"]

_ACTOR = Actor.system("crm loyalty tiers")


@click.command()
@click.option("--all", "everybody", is_flag=True, help="Everybody, not only those for whom something is due.")
@click.option("--check", is_flag=True, help="Compare all with ledger and orders instead; exit code 1 if one differs.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def tiers(crm: Crm, everybody: bool, check: bool, as_json: bool) -> None:
    """Evaluate members' tiers: those for whom a period, grace days or what was given by hand has ended, or everybody."""
    if check:
        await _check(crm)
        return
    started = perf_counter()
    if everybody:
        looked, changed = 0, 0
        for ladder in await ladders(crm.database):
            more = await recalculate(crm, _ACTOR, ladder)
            looked, changed = looked + more[0], changed + more[1]
    else:
        looked, changed = await recalculate_due(crm, _ACTOR)
    seconds = round(perf_counter() - started, 1)
    if as_json:
        click.echo(json.dumps({"evaluated": looked, "changed": changed, "seconds": seconds}))
    else:
        click.echo(f"{looked} evaluated, {changed} changed, in {seconds} s.")


async def _check(crm: Crm) -> None:
    count = 0
    for ladder in await ladders(crm.database):
        async for row, evaluation in differing(crm, _ACTOR, ladder):
            count += 1
            was, now = (ladder.rung(ladder.place_of(tier)) for tier in (row["tier_id"], evaluation.standing.tier_id))
            click.echo(
                f"{ladder.name}: member {row['member_id']} stands at {was.code if was else 'no tier'} with {row['qualified']}, "
                f"the rules say {now.code if now else 'no tier'} with {evaluation.qualified}."
            )
    click.echo(f"{count} differ.")
    if count:
        sys.exit(1)
