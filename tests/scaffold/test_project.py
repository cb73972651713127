"""What `crm init` writes besides code: settings, service, proxy, backup."""

from __future__ import annotations

import os
import shlex
import sqlite3
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from contextlib import closing
from pathlib import Path

import pytest

from crmcore.cli.group import COMMANDS
from crmcore.settings import load_settings
from tests.scaffold.conftest import Crm


@pytest.fixture
def acme(tmp_path: Path, crm_command: Crm) -> Path:
    """A project."""
    crm_command("init", "acme", "--into", tmp_path)
    return tmp_path / "acme"


def test_the_settings_are_valid(acme: Path) -> None:
    """And say nothing that the defaults do not say, so that nothing surprises."""
    settings = load_settings(acme / "crm.toml", environment={})

    assert () == settings.origin.problems
    assert ("sqlite:///crm.db", "127.0.0.1", 8000) == (settings.database, settings.host, settings.port)


def test_the_service_starts_a_command_there_is(acme: Path) -> None:
    """It is not started again when something is to be mended first, and is given the time that stopping takes."""
    unit = ConfigParser(interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(acme / "deploy" / "crm.service")
    program, command = shlex.split(unit["Service"]["ExecStart"])

    assert "/srv/acme/.venv/bin/crm" == program
    assert command in COMMANDS
    assert "3" == unit["Service"]["RestartPreventExitStatus"]
    assert load_settings(acme / "crm.toml", environment={}).http.stop_timeout < int(unit["Service"]["TimeoutStopSec"])


def test_what_runs_with_it_is_bounded(acme: Path) -> None:
    """An upgrade of crmcore that may break something is somebody's decision."""
    groups = tomllib.loads((acme / "pyproject.toml").read_text("utf-8"))["dependency-groups"]

    assert ["crmcore>=0.1,<0.2"] == groups["run"]


def test_the_backup_is_a_copy_that_was_checked(acme: Path, crm_command: Crm) -> None:
    """Of a database that is open; only the newest fourteen are kept."""
    file = acme / "crm.db"
    crm_command("migrate", "--database", f"sqlite:///{file}")
    for day in range(10, 30):
        (acme / "backups").mkdir(exist_ok=True)
        (acme / "backups" / f"acme-202001{day}T000000Z.db").touch()
    with closing(sqlite3.connect(file)) as open_one:
        open_one.execute("select count(*) from customer").fetchall()
        done = _backup(acme)

    copies = sorted(path.name for path in (acme / "backups").iterdir())
    assert (0, 14) == (done.returncode, len(copies)), done.stderr
    assert (acme / "backups" / copies[-1]).samefile(acme / done.stdout.strip())
    with closing(sqlite3.connect(acme / "backups" / copies[-1])) as copy:
        assert [(0,)] == copy.execute("select count(*) from customer").fetchall()


def test_a_database_that_is_not_there_is_no_backup(acme: Path) -> None:
    """It fails, so that cron tells somebody, and leaves nothing that looks like a copy, nor like a database."""
    done = _backup(acme)

    assert 0 != done.returncode
    assert [] == [*(acme / "backups").glob("*.db"), *acme.glob("crm.db")]


def _backup(project: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(
        [project / "deploy" / "backup.sh"], env=environment, capture_output=True, text=True, check=False, timeout=100
    )
