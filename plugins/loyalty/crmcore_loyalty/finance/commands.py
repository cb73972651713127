"""`crm loyalty journal` and `crm loyalty statements`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from crmcore import Actor, Crm, Money
from crmcore.cli import with_crm
from crmcore_loyalty.finance.accounts import lines_of
from crmcore_loyalty.finance.monthly import draw_statements
from crmcore_loyalty.finance.months import month_of
from crmcore_loyalty.finance.statements import differing

__all__ = ["journal", "statements"]

_DAY = click.DateTime(["%Y-%m-%d"])
_CURRENCIES = (
    "select c.id, c.code, p.code as program, p.timezone from loyalty_currency c join loyalty_program p on p.id = c.program_id "
    "where c.deleted_at is null and p.deleted_at is null and p.sandbox = $1 order by p.code, c.code"
)
_COLUMNS = ("day", "program", "currency", "account", "debit", "credit", "money", "text")


@click.command()
@click.option("--from", "since", type=_DAY, required=True, help="The first day, as in 2027-03-01.")
@click.option("--until", type=_DAY, required=True, help="The day after the last.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", help="How to write it.")
@with_crm
async def journal(crm: Crm, since: datetime, until: datetime, form: str) -> None:
    """Write the lines for the accounts of all currencies of points, day by day; programs that are only tried out are left out."""
    rows = []
    for currency in await crm.database.fetch_dicts(_CURRENCIES, False):
        money, lines = await lines_of(crm.database, crm.settings, currency["id"], since.date(), until.date())
        for line in lines:
            amounts = [str(Money(side, money or "").amount) if side else "" for side in (line.debit, line.credit)]
            of = (line.day.isoformat(), currency["program"], currency["code"], line.account)
            rows.append(dict(zip(_COLUMNS, (*of, *amounts, money or "", line.text), strict=True)))
    _write(rows, form)


@click.command()
@click.argument("month")
@click.option(
    "--check", is_flag=True, help="Compare those that are there with the ledger instead; exit code 1 if one differs."
)
@with_crm
async def statements(crm: Crm, month: str, check: bool) -> None:
    """Draw all members' statements of a MONTH, as in 2027-03; those that are there stay."""
    differ, written = 0, 0
    for currency in await crm.database.fetch_dicts(_CURRENCIES.replace("and p.sandbox = $1", "")):
        try:
            of = month_of(month, ZoneInfo(currency["timezone"]))
        except ValueError as problem:
            raise click.BadParameter(str(problem)) from None
        if check:
            async for row, again in differing(crm, currency["id"], of):
                differ += 1
                click.echo(f"Member {row['member_id']}: closing is {row['closing']}, the ledger has {again.closing}.")
        else:
            written += await draw_statements(crm, Actor.system("crm loyalty statements"), currency["id"], of)
    click.echo(f"{differ} differ." if check else f"{written} drawn.")
    if differ:
        sys.exit(1)


def _write(rows: Iterable[dict[str, Any]], form: str) -> None:
    if form == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False))
        return
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
