"""`crm compliance fields`, `ropa`, `scan`, `anonymise` and `evidence`."""

from __future__ import annotations

import csv
import difflib
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from crmcore import Actor, Crm, camel
from crmcore.cli import with_crm
from crmcore_compliance.register.classified import classified
from crmcore_compliance.register.differing import differences
from crmcore_compliance.register.evidence import Share, evidence_pack, verify_pack
from crmcore_compliance.register.exporting import anonymous_rows
from crmcore_compliance.register.mondrian import Demand
from crmcore_compliance.register.processing import record_of_processing
from crmcore_compliance.register.scanning import presidio, scan
from crmcore_compliance.register.written import FORMATS
from crmcore_compliance.sealing.declared import place_of, shown_place
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["anonymise", "evidence", "fields", "ropa", "scanned"]


@click.command()
@click.option(
    "--unclassified", is_flag=True, help="Only those that nobody has said anything about; exit code 1 if there are."
)
@with_crm
async def fields(crm: Crm, unclassified: bool) -> None:
    """List what every column is said to hold of a person."""
    listed = [one for one in classified(crm.entities) if one.missing or (one.category and not unclassified)]
    for one in listed:
        said = "unclassified" if one.missing else f"{one.category} {one.sensitivity}{' sealed' if one.sealed else ''}"
        click.echo(f"{one.shown} ({one.plugin}): {said}")
    if unclassified and listed:
        sys.exit(1)


@click.command()
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json", help="How to write it.")
@click.option(
    "--diff",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Say what changed since this JSON; exit code 1 if something did.",
)
@with_crm
async def ropa(crm: Crm, form: str, diff: Path | None) -> None:
    """Write the record of processing activities (GDPR 30, PIPL 55), or how it differs from an earlier one."""
    record = await record_of_processing(crm)
    if diff is None:
        click.echo(FORMATS[form](record), nl=False)
        return
    changes = differences(_read(diff), json.loads(FORMATS["json"](record)))
    for change in changes:
        click.echo(change)
    if changes:
        sys.exit(1)


@click.command(name="scan")
@click.argument("field", nargs=-1, required=True)
@click.option("--names", is_flag=True, help="Look for names and places too, by Presidio (extra scan).")
@with_crm
async def scanned(crm: Crm, field: tuple[str, ...], names: bool) -> None:
    """Count what personal data stand in a FIELD of free text (as in customer.description), and in how many records."""
    entity, column = _field(crm, ".".join(field))
    more = presidio() if names else None
    region, found, records = crm.settings[ComplianceSettings].region, Counter[str](), 0
    after = None
    while rows := await _page(crm, entity, column, after):
        after = rows[-1][0]
        for _, text in rows:
            kinds = Counter(one.kind for one in scan(str(text), region, more))
            found += kinds
            records += bool(kinds)
    click.echo("\n".join(f"{kind}: {count}" for kind, count in sorted(found.items())) or "Nothing was found.")
    click.echo(f"In {records} records.")


@click.command()
@click.argument("entity")
@click.option("--quasi", required=True, help="Fields by which somebody could be told apart, with commas.")
@click.option("--sensitive", default="", help="Fields that nobody is to learn of a person, with commas.")
@click.option("--years", default="", help="Dates among the former of which only the year counts.")
@click.option("-k", type=click.IntRange(2), default=5, help="How many cannot be told apart, at least.")
@click.option(
    "-l", "diverse", type=click.IntRange(1), default=1, help="How many different sensitive values these have, at least."
)
@with_crm
async def anonymise(crm: Crm, entity: str, quasi: str, sensitive: str, years: str, k: int, diverse: int) -> None:
    """Write an ENTITY's records as CSV in which nobody can be told apart from k - 1 others."""
    demand = Demand(_names(quasi), _names(sensitive), k, diverse)
    rows = await anonymous_rows(crm, Actor.system("crm compliance anonymise"), entity, demand, years=_names(years))
    writer = csv.DictWriter(sys.stdout, [*demand.quasi, *demand.sensitive], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def evidence(shares: tuple[Share, ...]) -> click.Command:
    """Return the command that writes the pack with some parts' shares."""

    @click.command(name="evidence")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option(
        "--check", is_flag=True, help="Check a pack that is there instead; exit code 1 if something is wrong."
    )
    @with_crm
    async def command(crm: Crm, file: Path, check: bool) -> None:
        """Write the evidence pack to a FILE: records, registers, proofs, and a signed manifest."""
        if not check:
            _write(file, await evidence_pack(crm, shares))
            click.echo(f"{file} is written.")
            return
        wrong = _check(file)
        click.echo("\n".join(wrong) or "Every file is as it was signed.")
        if wrong:
            sys.exit(1)

    return command


def _read(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


def _write(file: Path, pack: bytes) -> None:
    file.write_bytes(pack)


def _check(file: Path) -> list[str]:
    return verify_pack(file.read_bytes())


async def _page(crm: Crm, entity: str, column: str, after: object) -> list[tuple[object, object]]:
    table = crm.entities[entity].tablename
    beyond = "and id > $1" if after is not None else ""
    sql = f"select id, {column} from {table} where {column} is not null {beyond} order by id limit 1000"
    return list(await crm.database.fetch(sql, *([after] if after is not None else [])))


def _field(crm: Crm, said: str) -> tuple[str, str]:
    entity, column = place_of(said)
    if entity not in crm.entities:
        msg = f"There is no entity {entity!r}; fields are written as in customer.description, and `crm compliance fields` lists them."
        raise click.BadParameter(msg)
    if column not in crm.entities[entity].columns:
        near = difflib.get_close_matches(column, crm.entities[entity].columns, 3, 0.4)
        meant = f" Did you mean {' or '.join(shown_place(entity, one) for one in near)}?" if near else ""
        msg = f"There is no {said}; fields are written as in customer.description.{meant}"
        raise click.BadParameter(msg)
    if column in crm.entities[entity].sealed:
        msg = f"{shown_place(entity, column)} is sealed, so nothing in it stands in the open."
        raise click.BadParameter(msg)
    return entity, column


def _names(text: str) -> tuple[str, ...]:
    return tuple(camel(name.strip()) for name in text.split(",") if name.strip())
