"""`crm plugin`: plugins and what they add."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmcore._version import __version__
from crmcore.cli.output import as_json_option, show
from crmcore.cli.running import load_quietly, settings_options, with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.jobs.days import Done
    from crmcore.jobs.holds import Hold
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


@command.command()
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True, help="How far back.")
@as_json_option
@with_crm
async def health(crm: Crm, days: int, as_json: bool) -> None:
    """Show how plugins' handlers and jobs did: how often, how long, and what failed.

    Those that are not started at present, since they fail and fail or somebody paused them, say so.
    """
    from datetime import timedelta

    from crmcore import clock
    from crmcore.jobs.days import done_since
    from crmcore.jobs.holds import holds

    held = {one.name: one for one in await holds(crm.database)}
    rows = []
    for done in await done_since(crm.database, (clock.now() - timedelta(days=days - 1)).date()):
        hold = held.pop(done.name, None) if done.kind == "job" else None
        rows.append(_health_row(done.plugin, done.kind, done.name, done.runs, done.failures, done, hold))
    for name, hold in held.items():
        rows.append(_health_row(name.split(".")[0], "job", name, 0, 0, None, hold))
    show(rows, as_json, f"No plugin's handler or job ran in {days} days.")


def _health_row(
    plugin: str, kind: str, name: str, runs: int, failures: int, done: Done | None, hold: Hold | None
) -> dict[str, Any]:
    return {
        "plugin": plugin,
        "kind": kind,
        "name": name,
        "runs": runs,
        "failures": failures,
        "meanMs": round(done.seconds / done.runs * 1000, 1) if done else None,
        "slowestMs": round(done.slowest * 1000, 1) if done else None,
        "held": hold.why.value if hold else None,
        "error": (hold.reason if hold else None) or (done.error if done else None),
    }
