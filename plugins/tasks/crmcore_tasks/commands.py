"""What the plugin adds to the command line."""

from __future__ import annotations

import json
from typing import Any

import click

from crmcore import Actor, Crm, clock, instants
from crmcore.cli import with_crm

__all__ = ["overdue"]

_OVERDUE = """
query Overdue($now: DateTime!) {
  tasks(filter: {status: {eq: OPEN}, dueAt: {lt: $now}}, orderBy: [{field: DUE_AT}], first: 200) {
    nodes { id title dueAt assignee { name } }
  }
}
"""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@with_crm
async def overdue(crm: Crm, as_json: bool) -> None:
    """Show who is late with what, at most 200, the latest first."""
    answer = await crm.execute(_OVERDUE, {"now": instants.wire(clock.now())}, actor=Actor.system("crm tasks overdue"))
    late = answer["data"]["tasks"]["nodes"]
    click.echo(json.dumps(late, ensure_ascii=False) if as_json else "\n".join(map(_line, late)))


def _line(task: dict[str, Any]) -> str:
    who = task["assignee"]["name"] if task["assignee"] else "nobody"
    return f"{task['dueAt'][:10]}  {task['title']}  ({who})"
