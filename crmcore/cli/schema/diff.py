"""`crm schema diff`: what changed between two schemas, and whether somebody's operations break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.failed import Failed
from crmcore.cli.output import as_json_option, show_json
from crmcore.cli.running import settings_options
from crmcore.cli.schema.current import current_schema

if TYPE_CHECKING:
    from crmcore.graphql.schema.difference import Difference

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True)
_HEADS = {
    "BREAKING": "Breaking: operations that were right are refused, or answer in another shape.",
    "DANGEROUS": "Dangerous: operations go on working, and may meet what they did not expect.",
    "SAFE": "Safe.",
}


@click.command("diff")
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE, required=False)
@click.option(
    "--allow",
    type=click.Choice(["announced", "breaking"]),
    help="End with 0 though something breaks: only what was deprecated, or whatever it is.",
)
@click.option("--core", is_flag=True, help="Without NEW: crmcore's own, as if no plugin was installed.")
@as_json_option
@settings_options
def command(
    old: Path,
    new: Path | None,
    allow: str | None,
    core: bool,
    as_json: bool,
    database: str | None,
    config: Path | None,
) -> None:
    """Say what changed from the schema OLD to NEW, or to this installation's.

    Both are files as crm schema writes them; - is standard input. Each change is breaking, dangerous or safe, and names
    the plugin whose part it is. The exit code is 1 if something breaks, so that a pipeline can end there.
    """
    from graphql import GraphQLError

    from crmcore.graphql.schema.difference import find_differences

    newer = _read(new) if new is not None else current_schema(core=core, config=config, database=database)
    try:
        found = find_differences(_read(old), newer)
    except (GraphQLError, TypeError) as wrong:
        message = f"{old} or {new or 'the schema of this installation'} is no schema: {wrong}"
        raise Failed(message) from None
    if as_json:
        show_json([_as_json(each) for each in found])
    else:
        _show(found)
    if broken := _forbidden(found, allow):
        ways = "" if allow else " If it is meant, say --allow breaking; --allow announced lets go what was deprecated."
        message = f"{broken} breaking {'changes' if broken > 1 else 'change'}.{ways}"
        raise Failed(message)


def _read(file: Path) -> str:
    with click.open_file(str(file), encoding="utf-8") as opened:
        text: str = opened.read()
    return text


def _forbidden(found: Sequence[Difference], allow: str | None) -> int:
    if allow == "breaking":
        return 0
    return sum(each.severity.name == "BREAKING" and not (allow and each.announced) for each in found)


def _as_json(each: Difference) -> dict[str, str | None]:
    return {
        "severity": each.severity.name.lower(),
        "kind": each.kind,
        "where": each.where,
        "plugin": each.plugin,
        "sentence": each.sentence,
        "announced": each.announced,
    }


def _show(found: Sequence[Difference]) -> None:
    from crmcore.graphql.schema.difference import DESCRIPTION

    told = [each for each in found if each.kind != DESCRIPTION]
    counted = Counter(each.severity.name for each in told)
    for severity, head in _HEADS.items():
        if counted[severity]:
            click.secho(f"{head}", bold=True)
        for each in told:
            if each.severity.name == severity:
                announced = f" It was deprecated: {each.announced}" if each.announced else ""
                click.echo(f"  {f'[{each.plugin}] ' if each.plugin else ''}{each.sentence}{announced}")
    described = len(found) - len(told)
    if described:
        click.echo(f"{described} {'descriptions' if described > 1 else 'description'} changed.")
    if not found:
        click.echo("Nothing changed.")
