"""A plugin that has a command."""

from __future__ import annotations

from collections.abc import Iterable

import click

from crmcore import hookimpl

plugin_name = "bells"


@click.command()
def ring() -> None:
    """Ring once."""
    click.echo("ding")


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    return [ring]
