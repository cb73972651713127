"""`crm import`: records from CSV files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.output import as_json_option, show, show_json
from crmcore.cli.people import actor_of
from crmcore.cli.progress import progress_shown
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.interchange.imports.report import Report

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("import")
@click.argument("mapping", type=_FILE)
@click.argument("source", type=_FILE, metavar="CSV")
@click.option("--dry-run", is_flag=True, help="Do everything, report it, and undo it.")
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write refused rows here, with the reason.  [default: CSV's name with .errors.csv]",
)
@click.option("--as", "person", metavar="PERSON", help="Under whose rights (e-mail or id); all rights if left out.")
@as_json_option
@click.pass_context
@with_crm
async def command(
    crm: Crm,
    ctx: click.Context,
    mapping: Path,
    source: Path,
    dry_run: bool,
    errors: Path | None,
    person: str | None,
    as_json: bool,
) -> None:
    """Import records from CSV files, by a mapping.

    MAPPING is a file that says what the columns of CSV mean. Running it again changes nothing that is there already. Exit code 1 when rows were refused.
    """
    # Heavy: the import and all it checks with.
    from crmcore.interchange.imports.run import import_csv

    actor = await actor_of(crm, person)
    errors = errors or source.with_suffix(".errors.csv")
    with progress_shown(source.name) as progress:
        report = await import_csv(
            crm, mapping, source, actor=actor, dry_run=dry_run, errors_path=errors, progress=progress
        )
    if as_json:
        show_json(asdict(report))
    else:
        _print(report)
    if report.refused:
        ctx.exit(1)


def _print(report: Report) -> None:
    click.secho(f"{report.title}{' (dry run: nothing was kept)' if report.dry_run else ''}", bold=True)
    rows: list[dict[str, Any]] = [
        {"record": name, "created": c.created, "updated": c.updated, "unchanged": c.unchanged, "refused": c.refused}
        for name, c in report.records.items()
    ]
    show(rows, as_json=False, empty="Nothing was to be imported.")
    click.echo(f"{report.rows} rows read, {report.refused} refused.")
    for row in report.first_refusals:
        click.echo(f"  line {row.line}: {row.reason}", err=True)
    if report.errors_path:
        click.echo(f"All refused rows, with the reasons: {report.errors_path}", err=True)
    if report.unused:
        click.echo(f"Columns that the mapping does not read: {', '.join(report.unused)}", err=True)
