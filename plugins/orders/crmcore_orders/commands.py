"""What the plugin adds to the command line."""

from __future__ import annotations

import json
from pathlib import Path

import click

from crmcore import Actor, Crm
from crmcore.cli import with_crm
from crmcore_orders.verify import CHECKS, verify

__all__ = ["mapping", "verify_orders"]

_MAPPINGS = Path(__file__).with_name("mappings")


@click.command()
@click.argument("name", required=False)
def mapping(name: str | None) -> None:
    """Write the import mapping NAME, or the names of all there are.

    Example: crm orders mapping cdnow > cdnow.toml
    """
    known = {path.stem: path for path in sorted(_MAPPINGS.glob("*.toml"))}
    if name is None:
        click.echo("\n".join(known))
        return
    if name not in known:
        msg = f"There is no mapping {name!r}; there are {', '.join(known)}."
        raise click.ClickException(msg)
    click.echo(known[name].read_text(encoding="utf-8"), nl=False)


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def verify_orders(crm: Crm, as_json: bool) -> None:
    """Say whether all amounts agree, to the minor unit; ends with 1 if some do not."""
    found = await crm.run(Actor.system("crm orders verify"), verify)
    if as_json:
        rows = [{"check": d.check.name, "number": d.number, "said": d.said, "found": d.found} for d in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for d in found:
            click.echo(f"{d.number}: said {d.said}, found {d.found}. {d.check.sentence}")
        click.echo(f"{len(CHECKS)} checks, {len(found)} disagreements.")
    if found:
        raise SystemExit(1)
