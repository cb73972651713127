"""`crm init`: a whole project for somebody who puts a CRM together."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command("init")
@click.argument("name")
@click.argument("fields", nargs=-1, metavar="[FIELD:TYPE]...")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where its folder is made. [default: here]",
)
@click.option("--author", help="Who owns it; stands in the plugin's licence and metadata.")
def command(name: str, fields: tuple[str, ...], into: Path, author: str | None) -> None:
    """Make a project: settings, a plugin of your own, tests, and notes on running it.

    NAME is one lower-case word; the folder and the plugin in it are called so. FIELD:TYPE are the fields of the plugin's
    first entity, as for crm plugin new.
    """
    # Heavy: Piccolo.
    from crmcore.scaffold.field import fields_of
    from crmcore.scaffold.names import PluginNames
    from crmcore.scaffold.project import new_project

    root = new_project(PluginNames(name), into, fields_of(fields), author)
    click.echo(f"{root} is written. Next:")
    click.echo(f"  cd {root} && python -m venv .venv && . .venv/bin/activate")
    click.echo("  python -m pip install --upgrade pip")
    click.echo(f"  python -m pip install --group test --group lint -e plugins/{name}")
    click.echo("  python -m pytest && crm serve")
    click.echo("README.md says how to go on, and how to run it for real.")
