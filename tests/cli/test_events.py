"""`crm events`: looking at the change feed."""

from __future__ import annotations

import json

from tests.cli.conftest import Line


def test_the_last_events_are_shown(crm_line: Line) -> None:
    """One a line: when, what, which record, who, and what changed."""
    crm_line("user", "create", "ada@example.com", "--name", "Ada")

    shown = crm_line("events", "tail", "-n", "1").output.splitlines()

    assert 1 == len(shown)
    assert "user.created  user_" in shown[0]
    assert "by command line" in shown[0]


def test_events_go_on_after_a_cursor(crm_line: Line) -> None:
    """As JSON each has its cursor, which the next call may begin after."""
    every = [json.loads(line) for line in crm_line("events", "tail", "-n", "5", "--json").output.splitlines()]

    rest = crm_line("events", "tail", "--after", every[2]["cursor"], "--json").output.splitlines()

    assert every[3:] == [json.loads(line) for line in rest]
    assert {"type", "record", "at", "actor", "row"} < every[0].keys()


def test_events_are_filtered(crm_line: Line) -> None:
    """By type and entity; an unknown type is refused with the nearest."""
    found = crm_line("events", "tail", "-n", "1000", "--type", "role.created", "--json").output.splitlines()
    none = crm_line("events", "tail", "-n", "1000", "--entity", "deal")
    wrong = crm_line("events", "tail", "--type", "role.create")

    assert {"role.created"} == {json.loads(line)["type"] for line in found}
    assert ("", 0) == (none.output, none.exit_code)
    assert "did you mean role.created?" in wrong.output


def test_one_event_is_shown_whole(crm_line: Line) -> None:
    """By its id; one that is not there is refused."""
    last = json.loads(crm_line("events", "tail", "-n", "1", "--json").output)

    assert last == json.loads(crm_line("events", "show", last["id"]).output)
    assert "There is no event nonsense" in crm_line("events", "show", "nonsense").output


def test_the_feed_is_checked(crm_line: Line) -> None:
    """A whole one is told of in a line."""
    checked = crm_line("events", "verify")

    assert 0 == checked.exit_code
    assert "0 problems." in checked.output
