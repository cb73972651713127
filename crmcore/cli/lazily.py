"""A group whose commands are imported when they are called, and listed without that."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple, cast

import click

__all__ = ["LazyGroup", "Place"]


class Place(NamedTuple):
    """Where a command is.

    Attributes:

        module: below the group's package.
        help: what the command does; stands here so that listing imports nothing, and a test compares it.
        attribute: the command's name in the module.
    """

    module: str
    help: str
    attribute: str = "command"


class LazyGroup(click.Group):
    """Commands by name, each in a module of one package.

    Args:

        package: the package (`crmcore.cli.plugins`).
        places: the commands, in the order in which they are listed.
    """

    def __init__(self, *args: Any, package: str = "", places: Mapping[str, Place] | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self._package, self._places = package, dict(places or {})

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return a command; its module is imported now."""
        if cmd_name not in self._places:
            return None
        place = self._places[cmd_name]
        return cast("click.Command", getattr(import_module(f"{self._package}.{place.module}"), place.attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands into the help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in self._places.items()])
