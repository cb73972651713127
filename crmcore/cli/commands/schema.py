"""`crm schema`: the GraphQL schema as text."""

from __future__ import annotations

from pathlib import Path

import click

from crmcore.cli.failed import Failed
from crmcore.cli.lazily import LazyGroup, Place
from crmcore.cli.running import settings_options
from crmcore.cli.schema.current import current_schema

__all__ = ["command"]

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(
    "schema",
    cls=LazyGroup,
    package="crmcore.cli.schema",
    places={"diff": Place("diff", "Say what changed from the schema OLD to NEW, or to this installation's.")},
    invoke_without_command=True,
)
@click.option("--write", type=_FILE, metavar="FILE", help="Write it to FILE instead.")
@click.option("--check", type=_FILE, metavar="FILE", help="Compare it with FILE; exit code 1 when they differ.")
@click.option("--core", is_flag=True, help="crmcore's own, as if no plugin was installed.")
@settings_options
@click.pass_context
def command(
    context: click.Context,
    write: Path | None,
    check: Path | None,
    core: bool,
    database: str | None,
    config: Path | None,
) -> None:
    """Print the GraphQL schema.

    It is crmcore's with all plugins', in the schema definition language that code generators read. No database is needed.
    """
    if context.invoked_subcommand is not None:
        return
    text = current_schema(core=core, config=config, database=database)
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
