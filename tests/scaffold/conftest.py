"""Plugins written into a temporary folder by the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crmcore.cli import main

#: Every type of field, required and not where both can be.
FIELDS = (
    "title:text",
    "subtitle:text?",
    "notes:longtext?",
    "minutes:int",
    "weight:number?",
    "cost:money",
    "refund:money?",
    "paid_on:date?",
    "began_at:instant",
    "is_paid:flag",
    "mail:email?",
    "site:url?",
    "outcome:choice(good|very_bad)",
    "mood:choice:high,low?",
    "customer:link:customer",
    "deal:link:deal?",
    "host:link:user?",
    "guest:link:customer?",
    "previous:link:visit?",
)
PARTS = ("settings", "fields", "channel", "action", "events", "job", "routes", "commands")

Crm = Callable[..., Result]


def call(*words: str | Path, fails: bool = False) -> Result:
    """Call `crm` with words; it must succeed unless `fails` says otherwise."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert fails == (result.exit_code != 0), result.output
    return result


@pytest.fixture
def crm_command() -> Crm:
    """The function that calls `crm`."""
    return call


@pytest.fixture
def visits(tmp_path: Path, crm_command: Crm) -> Path:
    """The folder of a new plugin with an entity."""
    crm_command("plugin", "new", "visits", "--into", tmp_path)
    return tmp_path / "crmcore-visits"


def contents(folder: Path) -> dict[str, str]:
    """Return the texts of a folder's files, by path."""
    found = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: path.read_text("utf-8") for name, path in found.items() if path.suffix != ".pyc"}
