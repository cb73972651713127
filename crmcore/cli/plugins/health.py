"""`crm plugin health`: how the plugins' handlers and jobs did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.output import as_json_option, show
from crmcore.cli.running import with_crm

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.jobs.days import Done
    from crmcore.jobs.holds import Hold

__all__ = ["command"]


@click.command("health")
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True, help="How far back.")
@as_json_option
@with_crm
async def command(crm: Crm, days: int, as_json: bool) -> None:
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
