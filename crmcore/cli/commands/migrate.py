"""`crm migrate`: the database and what is declared, brought together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.failed import Failed
from crmcore.cli.running import load_quietly, settings_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcore.app import Crm
    from crmcore.database.migrations import MigrationPlan

__all__ = ["command"]


@click.command("migrate")
@click.option("--plan", is_flag=True, help="Print the SQL that would run, and run nothing.")
@click.option(
    "--check", is_flag=True, help="Change nothing; exit code 1 when migrations are pending or tables drifted."
)
@click.option("--down", nargs=2, metavar="PLUGIN ID", help="Take back PLUGIN's migrations after ID (0: all of them).")
@click.option("--new", nargs=2, metavar="PLUGIN TITLE", help="Write PLUGIN's next migration: what its tables lack.")
@settings_options
def command(
    plan: bool,
    check: bool,
    down: tuple[str, str] | None,
    new: tuple[str, str] | None,
    database: str | None,
    config: Path | None,
) -> None:
    """Bring the database to the shape that crmcore and its plugins declare.

    Migrations that are missing run in order, each in one transaction with its record. Afterwards tables and indexes are
    compared with what is declared. With --plan, --down prints what it would do.
    """
    if sum(map(bool, (plan and not down, check, down, new))) > 1:
        message = "--plan, --check, --down and --new do not go together; give one (--plan with --down is fine)."
        raise click.UsageError(message)
    # Heavy: Piccolo and the plugins.
    import asyncio

    from crmcore.app import Crm

    crm = Crm(load_quietly(config, database))
    if new:
        click.echo(f"{crm.migrator.write(*new)} is written; read it, then run crm migrate.")
    else:
        asyncio.run(_on_database(crm, plan, check, down))


async def _on_database(crm: Crm, plan: bool, check: bool, down: tuple[str, str] | None) -> None:
    migrator, to = crm.migrator, down and (down[0], None if down[1].strip("0") == "" else down[1])
    await crm.database.open()
    try:
        if plan:
            _print_plan(await (migrator.plan_down(*to) if to else migrator.plan()))
        elif to:
            done = await migrator.down(*to, told=lambda file: click.echo(f"Took back {file}"))
            click.echo("" if done else "Nothing to take back.", nl=not done)
        else:
            await (_check(crm) if check else _bring_up(crm))
    finally:
        await crm.database.close()


def _print_plan(plan: Sequence[MigrationPlan]) -> None:
    for step in plan:
        click.secho(f"-- {step.file}", bold=True)
        for statement in step.statements:
            click.echo(statement if statement.startswith("--") else f"{statement};")
    if not plan:
        click.echo("Nothing to do.", err=True)


async def _bring_up(crm: Crm) -> None:
    done = await crm.migrator.up(told=lambda file: click.echo(f"Applied {file}"))
    if not done:
        click.echo("Nothing to do.")
    for sentence in await crm.migrator.drift():
        click.secho(f"Drift: {sentence}", fg="yellow", err=True)


async def _check(crm: Crm) -> None:
    wrong = [f"{file} is pending; run crm migrate." for file in await crm.migrator.pending()]
    wrong = wrong or await crm.migrator.drift()
    if wrong:
        raise Failed("\n  - ".join(["The database is not in shape.", *wrong]))
    click.echo("The database is in shape.")
