"""What people's rights add to the command line."""

from __future__ import annotations

from pathlib import Path

import click

from crmcore import Crm, ids
from crmcore.cli import with_crm
from crmcore_compliance.keys.documents import canonical
from crmcore_compliance.rights.erasing.planning import plan
from crmcore_compliance.rights.packing.steps import Files, opened
from crmcore_compliance.rights.restored import erase_again
from crmcore_compliance.rights.retention.running import run_all

__all__ = ["COMMANDS"]


@click.command()
@with_crm
async def restored(crm: Crm) -> None:
    """After an older backup of the data was restored: erase again whoever was erased since."""
    done = await erase_again(crm)
    click.echo(f"{done.people} people were erased again, rows: {done.rows}.")
    if done.readable:
        msg = f"{done.readable} of their sealed values can still be opened: is this the current keystore?"
        raise click.ClickException(msg)


@click.command()
@click.argument("customer")
@click.option("--keep-rows", is_flag=True, help="As SHRED_ONLY would: no row goes.")
@with_crm
async def erasure_plan(crm: Crm, customer: str, keep_rows: bool) -> None:
    """Say what erasing a customer would do, and change nothing."""
    found = await plan(crm, ids.parse(customer, "customer"), delete=not keep_rows)
    for line in found.lines:
        click.echo(f"{line.fate:<10} {line.rows:>7} {line.entity} ({line.plugin}): {line.because}")
    for column in found.unclassified:
        click.echo(f"UNCHANGED  {column}: nobody has said whether it is personal.")
    if found.hold is not None:
        click.echo(f"A legal hold stands in the way: {found.hold}")


@click.command()
@click.argument("request")
@click.option("--to", type=click.Path(path_type=Path), required=True, help="An empty or new folder.")
@with_crm
async def package(crm: Crm, request: str, to: Path) -> None:
    """Write the files of a package that was made for a request, and their signed manifest."""
    files, manifest = await opened(crm, ids.parse(request, "compliance_request"))
    _write(to, {**files, "manifest.json": canonical(manifest).decode()})


def _write(folder: Path, files: Files) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        click.echo(f"Wrote {folder / name}.")


@click.group()
def retention() -> None:
    """How long data are kept."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Count what would be met, by rules that are not enabled too.")
@with_crm
async def run_retention(crm: Crm, dry_run: bool) -> None:
    """Carry out all rules of retention that are enabled, as the nightly job does."""
    rules = dict(await crm.database.fetch("select id, name from compliance_retention_rule"))
    for run in await run_all(crm, dry_run=dry_run):
        name = rules[run["rule_id"]]
        click.echo(f"{name}: {run['met']} too old, {run['held']} held, {run['done']} dealt with.")


COMMANDS = (restored, erasure_plan, package, retention)
