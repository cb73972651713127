"""The group of all commands: those of crmcore by name, those of plugins below the plugin's name."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any, cast

import click

from crmcore.cli.failed import failures_told

__all__ = ["COMMANDS", "CrmGroup"]

#: Module below `crmcore.cli.commands` and what the command does, by name. The texts stand here, so that `crm --help`
#: imports none of the modules; a test compares them.
COMMANDS = {
    "init": "Make a project: settings, a plugin of your own, tests, and notes on running it.",
    "serve": "Serve the CRM over HTTP.",
    "worker": "Do jobs, put scheduled ones and deliver webhooks, until told to stop.",
    "migrate": "Bring the database to the shape that crmcore and its plugins declare.",
    "user": "People who work with the CRM.",
    "role": "What people may do.",
    "token": "Keys that programs act with.",
    "import": "Import records from CSV files, by a mapping.",
    "export": "Export records as CSV or JSON lines.",
    "search": "The index of search.",
    "jobs": "Work that is done apart from the requests that caused it.",
    "events": "The change feed: what happened, in order.",
    "webhooks": "Other people's servers that are told of what happens here.",
    "seed": "Fill a database with demonstration data.",
    "schema": "Print the GraphQL schema.",
    "explain": "Show the SQL of a GraphQL operation, and how the database runs it.",
    "plugin": "Plugins and what they add.",
    "upgrade": "Say what an upgrade would do: which versions fit, which migrations run, how to go back.",
    "doctor": "Check the installation, and say what to do.",
}
_MODULES = {"import": "import_", **{name: name for name in COMMANDS if name != "import"}}


class CrmGroup(click.Group):
    """Finds commands by name; refusals and set-up errors end in one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with failures_told():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of crmcore's commands, then the plugins'."""
        return [*COMMANDS, *_plugins()]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return a command; the module that has it is imported now."""
        if cmd_name in COMMANDS:
            module = import_module(f"crmcore.cli.commands.{_MODULES[cmd_name]}")
            return cast("click.Command", module.command)
        with failures_told():
            return _plugin_group(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], self.list_commands(ctx), 1)
            if not near or near[0] in error.message:
                raise
            message = f"{error.message} Did you mean {near[0]}?"
            raise click.UsageError(message, ctx) from None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands into the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        if plugins := _plugins():
            with formatter.section("Plugins"):
                formatter.write_dl(list(plugins.items()))


def _plugins() -> dict[str, str]:
    """Return what installed plugins say of themselves; read from their distributions, none is imported."""
    # Not by crmcore.plugins, which takes longer to import than all the rest of `crm --help`.
    from importlib.metadata import entry_points

    found = sorted(entry_points(group="crmcore.plugins"), key=lambda entry: entry.name)
    return {entry.name: str((entry.dist and entry.dist.metadata.json.get("summary")) or entry.value) for entry in found}


def _plugin_group(name: str) -> click.Command | None:
    # Heavy: this imports the plugins.
    from crmcore.plugins import load_plugins
    from crmcore.settings import load_settings

    plugins = load_plugins(load_settings())
    commands = next((commands for owner, commands in plugins.commands() if owner == name), None)
    if commands is None:
        if name in {plugin.name for plugin in plugins}:
            message = f"The plugin {name!r} has no commands."
            raise click.UsageError(message)
        return None
    return click.Group(name, help=_plugins().get(name), commands={c.name or "": c for c in commands})
