"""What is written is written as the formatter would."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.scaffold.conftest import FIELDS, PARTS, Crm
from tests.scaffold.environment import run


@pytest.mark.parametrize("name", ["x", "nameoftwentyletters1"])
def test_the_formatter_finds_nothing_to_do(tmp_path: Path, crm_command: Crm, name: str) -> None:
    """However short or long the plugin's name is; nor has the linter anything to say."""
    with_all = ",".join(("entity", *PARTS))
    crm_command("plugin", "new", name, *FIELDS[:-1], "--with", with_all, "--into", tmp_path)
    crm_command("init", name, "--into", tmp_path)
    run(sys.executable, "-m", "ruff", "format", "--check", "--no-cache", ".", cwd=tmp_path)
    run(sys.executable, "-m", "ruff", "check", "--no-cache", ".", cwd=tmp_path)
