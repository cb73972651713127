"""`crm plugin`: plugins, from the first line of one to its last table."""

from __future__ import annotations

import click

from crmcore.cli.lazily import LazyGroup, Place

__all__ = ["PLACES", "command"]

#: Modules below `crmcore.cli.plugins`, by name of the command.
PLACES = {
    "list": Place("listing", "List the plugins in load order."),
    "info": Place("info", "Say what a plugin is: what it does and needs, who needs it, and what it keeps."),
    "health": Place("health", "Show how plugins' handlers and jobs did: how often, how long, and what failed."),
    "new": Place("new", "Write a new plugin: a distribution that installs and passes its tests.", "new"),
    "add": Place("new", "Add something to a plugin: an entity, fields, events, a job.", "add"),
    "check": Place("check", "Check how good a plugin is, and say what it lacks."),
    "enable": Place("switching", "Have plugins loaded again, from the next start on.", "enable"),
    "disable": Place("switching", "Have installed plugins not loaded, from the next start on.", "disable"),
    "uninstall": Place("uninstall", "Uninstall a plugin, and keep, export or purge what it has in the database."),
}


@click.group("plugin", cls=LazyGroup, package="crmcore.cli.plugins", places=PLACES)
def command() -> None:
    """Plugins and what they add."""
