"""`crm plugin list`: which plugins there are, and how they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmcore._version import __version__
from crmcore.cli.output import as_json_option, show
from crmcore.cli.plugins.asked import settings_of
from crmcore.cli.running import settings_options

if TYPE_CHECKING:
    from crmcore.plugins.shelf import Shelved

__all__ = ["command"]


@click.command("list")
@as_json_option
@settings_options
def command(as_json: bool, database: str | None, config: Path | None) -> None:
    """List the plugins in load order.

    No database is needed, and no plugin is imported: one that is broken is listed too, with the reason.
    """
    from crmcore.plugins.names import BUILT_IN
    from crmcore.plugins.shelf import shelf

    problems: list[str] = []
    found = shelf(settings_of(config, database).disabled_plugins, problems)
    show([*(_built_in(name) for name in BUILT_IN), *map(_row, found)], as_json, "There are no plugins.")
    for problem in [*problems, *(p for one in found for p in one.problems)]:
        click.secho(problem, fg="yellow", err=True)


def _built_in(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "state": "built in",
        "distribution": "crmcore",
        "version": __version__,
        "tier": None,
        "needs": None,
    }


def _row(one: Shelved) -> dict[str, Any]:
    from crmcore.cli.plugins.asked import tier_of
    from crmcore.plugins.shelf import needs

    return {
        "name": one.name,
        "state": one.state.value,
        "distribution": one.announced.distribution.name,
        "version": one.announced.distribution.version,
        "tier": tier_of(one.announced),
        "needs": ", ".join(need.text for need in needs(one.announced) if need.name == "crmcore") or "any crmcore",
    }
