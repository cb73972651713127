"""Rows for people, for pipes and for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crmcore.cli.output import show

ROWS = [
    {
        "name": "深圳\x1b[31m\n科技",
        "at": datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
        "tags": ["a", "b"],
        "on": True,
        "x": None,
    }
]


def test_a_pipe_gets_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    """Headings and rows that `cut` understands; what records hold breaks no line."""
    show(ROWS, as_json=False, empty="")
    heading, row, *rest = capsys.readouterr().out.splitlines()
    assert (heading.split("\t"), rest) == (["name", "at", "tags", "on", "x"], [])
    assert row.split("\t")[0] == "深圳 [31m 科技"
    assert row.split("\t")[2:] == ["a, b", "yes", "-"]


def test_a_program_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Instants as the API writes them."""
    show(ROWS, as_json=True, empty="")
    assert json.loads(capsys.readouterr().out)[0]["at"] == "2026-01-31T09:30:00.000000Z"


def test_a_terminal_gets_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Aligned, and markup in records is text."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show([{"name": "[red]not red[/red]"}], as_json=False, empty="")
    assert "[red]not red[/red]" in capsys.readouterr().out
