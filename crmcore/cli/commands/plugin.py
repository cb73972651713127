"""`crm plugin`: plugins and what they add."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmcore._version import __version__
from crmcore.cli.output import as_json_option, show
from crmcore.cli.running import load_quietly, settings_options

if TYPE_CHECKING:
    from crmcore.plugins import Plugin

__all__ = ["command"]


@click.group("plugin")
def command() -> None:
    """Plugins and what they add."""


@command.command("list")
@as_json_option
@settings_options
def list_(as_json: bool, database: str | None, config: Path | None) -> None:
    """List the plugins in load order.

    No database is needed.
    """
    # Heavy: Piccolo and the plugins.
    from crmcore.app import Crm

    crm = Crm(load_quietly(config, database))
    rows = [_row(plugin) for plugin in crm.plugins]
    rows += [{**dict.fromkeys(rows[0]), "name": name, "state": "disabled"} for name in crm.plugins.disabled]
    show(rows, as_json, "There are no plugins.")


def _row(plugin: Plugin) -> dict[str, Any]:
    return {
        "name": plugin.name,
        "state": "built in" if plugin.builtin else "loaded",
        "distribution": "crmcore" if plugin.builtin else plugin.distribution,
        "version": __version__ if plugin.builtin else plugin.version,
    }
