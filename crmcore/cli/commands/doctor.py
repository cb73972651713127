"""`crm doctor`: is everything as it should be, and if not, what to do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from crmcore.cli.health.checks import examine
from crmcore.cli.output import as_json_option, show_json
from crmcore.cli.running import load_quietly, settings_options

__all__ = ["command"]

_MARKS = {"fine": ("✓", "green"), "warning": ("!", "yellow"), "broken": ("✗", "red")}


@click.command("doctor")
@as_json_option
@settings_options
@click.pass_context
def command(ctx: click.Context, as_json: bool, database: str | None, config: Path | None) -> None:
    """Check the installation, and say what to do. Exit code 1 when something is broken."""
    findings = asyncio.run(examine(load_quietly(config, database)))
    if as_json:
        show_json([{"check": f.check, "state": f.state, "message": f.message} for f in findings])
    else:
        for found in findings:
            mark, colour = _MARKS[found.state]
            click.echo(f"{click.style(mark, fg=colour)} {found.check:<12} {found.message}")
    if any(found.state == "broken" for found in findings):
        ctx.exit(1)
