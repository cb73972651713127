"""What sealing adds to the command line."""

from __future__ import annotations

from datetime import timedelta

import click

from crmcore import Actor, Crm, Work
from crmcore.cli import with_crm
from crmcore_compliance.sealing.actions import work_on
from crmcore_compliance.sealing.retiring import retire_former_keys
from crmcore_compliance.sealing.standing import Standing, standings
from crmcore_compliance.sealing.sweeping import sweep
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.tables.sealing import ComplianceWork

__all__ = ["COMMANDS"]

_fields = click.argument("fields", metavar="FIELD...", nargs=-1)


@click.command()
@with_crm
async def status(crm: Crm) -> None:
    """Show how far each sealed field is."""
    for standing in await standings(crm.database):
        click.echo(_line(standing))


@click.command()
@_fields
@with_crm
async def seal(crm: Crm, fields: tuple[str, ...]) -> None:
    """Seal what is plain still of fields (as in customer.familyName), of all that are not done if none is named."""
    if not fields:
        fields = tuple(s.field for s in await standings(crm.database) if s.work is ComplianceWork.SEAL)
    await _work(crm, fields, ComplianceWork.SEAL)


@click.command()
@_fields
@with_crm
async def unseal(crm: Crm, fields: tuple[str, ...]) -> None:
    """Store fields plain again; take them out of the setting `sealed` afterwards."""
    await _work(crm, fields, ComplianceWork.UNSEAL)


@click.command()
@_fields
@with_crm
async def reseal(crm: Crm, fields: tuple[str, ...]) -> None:
    """Seal values anew that are under former keys or another cipher, of all fields if none is named."""
    await _work(crm, fields or tuple(s.field for s in await standings(crm.database)), ComplianceWork.RESEAL)


@click.command()
@_fields
@with_crm
async def reindex(crm: Crm, fields: tuple[str, ...]) -> None:
    """Make the tokens of fields anew under new keys, with as many bits as their records call for."""
    await _work(crm, fields, ComplianceWork.INDEX)


async def _work(crm: Crm, fields: tuple[str, ...], task: ComplianceWork) -> None:
    async def heard(standing: Standing) -> None:
        click.echo(_line(standing))

    for field in fields:

        async def unit(work: Work, field: str = field) -> None:
            await work_on(work, field, task)

        await crm.run(Actor.system("command line"), unit)
        await sweep(crm, field, heard=heard)


def _line(standing: Standing) -> str:
    doing = ""
    if standing.work is not None:
        where = "events of the past" if standing.in_feed else f"{standing.done} of {standing.total} records"
        doing = f", {standing.work.name.lower()}: {where}{', paused' if standing.paused else ''}"
    problem = f" {standing.problem}" if standing.problem else ""
    return f"{standing.shown}: {standing.state.name.lower()}{doing}{problem}"


@click.command(name="retire-keys")
@click.option(
    "--days",
    type=click.IntRange(0),
    help="Destroy those that another one took over from so many days ago, instead of the setting former_keys_days.",
)
@click.confirmation_option(
    prompt="Backups of the data from before `crm compliance reseal` will not be readable any more. Destroy them?"
)
@with_crm
async def retire_keys(crm: Crm, days: int | None) -> None:
    """Destroy former keys that seal nothing any more, as after `crm compliance reseal`; the nightly job does it, too."""
    age = crm.settings[ComplianceSettings].former_keys_days if days is None else days
    done = await retire_former_keys(crm, timedelta(days=age))
    why = ": something is sealed with them, or others took over less than a minute ago" if done.needed else ""
    click.echo(f"{done.destroyed} former keys were destroyed, {done.needed} stay{why}.")


COMMANDS = (status, seal, unseal, reseal, reindex, retire_keys)
