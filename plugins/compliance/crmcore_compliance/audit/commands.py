"""`crm compliance audit`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import UUID

import click

from crmcore import Crm
from crmcore.cli import with_crm
from crmcore_compliance.audit import offline, proofs
from crmcore_compliance.audit.exporting import exported
from crmcore_compliance.audit.heads import latest
from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.audit.verifying import problems
from crmcore_compliance.audit.witness import publish

__all__ = ["audit"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The audit log: verify, export, prove."""


@audit.command()
@click.option("--key", "keys", multiple=True, help="Public key (Ed25519, base64) that you trust; several may be.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def verify(crm: Crm, keys: tuple[str, ...], as_json: bool) -> None:
    """Check entries, tree, signatures, witnesses, and the change feed; exit with 1 if something is wrong."""
    found = [problem async for problem in problems(crm, keys)]
    head = await latest(crm.database)
    size = 0 if head is None else head.size
    if as_json:
        click.echo(json.dumps({"entries": size, "problems": found}))
    else:
        for problem in found:
            click.echo(problem)
        if not found:
            click.echo(f"{size} entries are as they were signed.")
    sys.exit(int(bool(found)))


@audit.command()
@click.argument("file", type=_FILE)
@click.option("--verifier", type=_FILE, help="Write the offline verifier, a Python file, here.")
@with_crm
async def export(crm: Crm, file: Path, verifier: Path | None) -> None:
    """Write the log as far as it is signed to FILE, for the offline verifier."""
    lines = 0
    with file.open("w", encoding="utf-8") as out:
        async for line in exported(crm.database):
            out.write(line)
            lines += 1
    if verifier is not None:
        _copy_verifier(verifier)
    click.echo(f"{lines} lines written.")


@audit.command()
@click.option("--entry", help="Id of an entry, or of the event or access that it tells of: that it is in the log.")
@click.option("--from", "first", type=int, help="Size of a head: that the log of it is the beginning of a later one.")
@click.option("--size", type=int, help="Size of the later head; the last one if absent.")
@with_crm
async def prove(crm: Crm, entry: str | None, first: int | None, size: int | None) -> None:
    """Write a proof as JSON, for the offline verifier."""
    if (entry is None) == (first is None):
        msg = "Give either --entry or --from."
        raise click.UsageError(msg)
    found: proofs.Inclusion | proofs.Consistency | None
    if entry is not None:
        found = await proofs.inclusion(crm.database, UUID(entry.rpartition("_")[2]), size)
    else:
        assert first is not None
        found = await proofs.consistency(crm.database, first, size)
    if found is None:
        msg = "There is no such entry, or no such head; complianceAuditHeads lists their sizes."
        raise click.ClickException(msg)
    click.echo(json.dumps(found.told))


@audit.command()
@with_crm
async def sequence(crm: Crm) -> None:
    """Put what waits into the log now, and tell the witnesses; processes that do background work do so all the time."""
    added = await sequence_all(crm)
    told = await publish(crm)
    click.echo(f"{added} entries added, {told} heads told.")


def _copy_verifier(file: Path) -> None:
    file.write_bytes(Path(offline.__file__).read_bytes())
