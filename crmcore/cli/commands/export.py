"""`crm export`: records as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import click

from crmcore.cli.json_option import json_object
from crmcore.cli.people import actor_of
from crmcore.cli.progress import progress_shown
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["command"]


@click.command("export")
@click.argument("entity")
@click.argument("target", type=click.File("wb", lazy=True), default="-", metavar="[FILE]")
@click.option("--format", type=click.Choice(["csv", "jsonl"]), help="Left out, FILE's name decides; else csv.")
@click.option("--field", "fields", multiple=True, help="A field in its GraphQL spelling; may be given several times.")
@click.option("--filter", "filter", metavar="JSON", help="As the API's filter, or @FILE that has it.")
@click.option("--as", "person", metavar="PERSON", help="Under whose rights (e-mail or id); all rights if left out.")
@with_crm
async def command(
    crm: Crm,
    entity: str,
    target: BinaryIO,
    format: Literal["csv", "jsonl"] | None,
    fields: tuple[str, ...],
    filter: str | None,
    person: str | None,
) -> None:
    """Export records as CSV or JSON lines.

    ENTITY is a name as in customer or deal; FILE is standard output if left out. Only what may be read and exported is
    written.
    """
    # Heavy: GraphQL.
    from crmcore.interchange.exports.run import export

    chosen = format or ("jsonl" if Path(target.name).suffix == ".jsonl" else "csv")
    conditions = json_object("--filter", filter) if filter else None
    actor = await actor_of(crm, person)
    with progress_shown(entity) as progress:
        written = await export(
            crm,
            entity,
            target,
            actor=actor,
            format=chosen,
            filter=conditions,
            fields=fields or None,
            progress=progress,
        )
    click.echo(f"{written} records.", err=True)
