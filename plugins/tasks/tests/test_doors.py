"""To-dos through the other doors: HTTP and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from icalendar import Calendar

from crmcore import Actor, Crm, Settings, actions, errors
from crmcore.access import tokens
from crmcore.cli import main


async def test_my_calendar_has_my_open_to_dos(crm: Crm) -> None:
    """The calendar is for whoever's token asks; other people's to-dos and done ones are not in it."""
    system = Actor.system()
    me, other = [
        await crm.run(system, lambda w, n=name: actions.create(w, "user", {"name": n, "email": f"{n}@example.com"}))  # type: ignore[misc]
        for name in ("me", "other")
    ]
    roles = await crm.database.fetch("select id from crm_role where key = 'sales'")
    await crm.run(system, lambda w: actions.create(w, "role_assignment", {"role_id": roles[0][0], "user_id": me["id"]}))
    for title, who, status in (("mine", me, "OPEN"), ("done", me, "DONE"), ("not mine", other, "OPEN")):
        values = {"title": title, "assignee_id": who["id"], "status": status}
        await crm.run(system, lambda w, v=values: actions.create(w, "task", v))  # type: ignore[misc]
    issued = await crm.run(system, lambda w: tokens.issue(w, me["id"], "calendar", ["task:read", "user:read"], None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.asgi()), base_url="http://crm") as client:
        answer = await client.get("/plugins/tasks/my.ics", headers={"Authorization": f"Bearer {issued.secret}"})
        nobody = await client.get("/plugins/tasks/my.ics")

    titles = [str(todo["summary"]) for todo in Calendar.from_ical(answer.content).walk("VTODO")]
    assert (200, ["mine"], 401) == (answer.status_code, titles, nobody.status_code)


def test_the_command_line_shows_who_is_late(tmp_path: Path) -> None:
    """`crm tasks overdue` lists open to-dos whose time has passed."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    for words in (["migrate"], ["seed", "--size", "60", "--seed", "1"]):
        assert 0 == CliRunner().invoke(main, [*words, "--database", url]).exit_code
    result = CliRunner().invoke(main, ["tasks", "overdue", "--json", "--database", url])
    shown = CliRunner().invoke(main, ["tasks", "overdue", "--database", url])
    late = json.loads(result.stdout)

    assert 0 == result.exit_code, result.output
    assert len(late) == len(shown.stdout.splitlines())
    assert all(set(task) == {"id", "title", "dueAt", "assignee"} for task in late)
    assert sorted(t["dueAt"] for t in late) == [t["dueAt"] for t in late]


def test_the_settings_are_typed() -> None:
    """A setting the plugin does not have is named, with the plugin, before anything starts."""
    with pytest.raises(errors.SetupError, match=r"tasks.*log_complete"):
        Crm(Settings(plugins={"tasks": {"log_complete": True}}))
