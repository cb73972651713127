"""`crm schema`: the GraphQL schema as text."""

from __future__ import annotations

from pathlib import Path

import click

from crmcore.cli.failed import Failed
from crmcore.cli.running import load_quietly, settings_options

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("schema")
@click.option("--write", type=_FILE, metavar="FILE", help="Write it to FILE instead.")
@click.option("--check", type=_FILE, metavar="FILE", help="Compare it with FILE; exit code 1 when they differ.")
@click.option("--core", is_flag=True, help="crmcore's own, as if no plugin was installed.")
@settings_options
def command(write: Path | None, check: Path | None, core: bool, database: str | None, config: Path | None) -> None:
    """Print the GraphQL schema.

    It is crmcore's with all plugins', in the schema definition language that code generators read. No database is needed.
    """
    # Heavy: Piccolo, Strawberry and the plugins.
    from crmcore.app import Crm

    text = Crm(load_quietly(config, database), installed=not core).schema.sdl
    if check is not None:
        _compare(check, text)
    elif write is not None:
        write.write_text(text, "utf-8")
        click.echo(f"{write} has the schema now.", err=True)
    else:
        click.echo(text, nl=False)


def _compare(file: Path, text: str) -> None:
    if not file.exists() or file.read_text("utf-8") != text:
        message = f"{file} is another schema; crm schema --write {file} makes it this installation's."
        raise Failed(message)
    click.echo(f"{file} is up to date.", err=True)
