"""What goes wrong is told in one message, with an exit code of its own, and never by a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Line, run


def test_a_refusal_is_exit_code_1(crm_line: Line) -> None:
    """What the CRM refuses is one message."""
    result = crm_line("user", "password", "nobody@example.com", "--stdin", typed="a long enough password\n")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: There is no user with the e-mail nobody@example.com")


def test_several_violations_are_listed(crm_line: Line) -> None:
    """A refusal with several reasons shows all of them."""
    crm_line("user", "create", "ada@example.com")
    result = crm_line("token", "issue", "ada@example.com", "--scope", "nothing:read", "--label", " ")
    assert (result.exit_code, result.stderr.count("\n  - ")) == (1, 2)


def test_a_wrong_call_is_exit_code_2(crm_line: Line) -> None:
    """click's own code and form."""
    assert crm_line("user", "create").exit_code == 2


@pytest.mark.parametrize("url", ["mysql://host/crm", "sqlite:////no/such/folder/crm.db", "nonsense"])
def test_a_database_that_cannot_be_is_exit_code_3(url: str) -> None:
    """Something to mend before the CRM can run."""
    result = run("user", "list", "--database", url)
    assert result.exit_code == 3
    assert result.stderr.startswith("Error: ")


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    """Three mistakes in the file are three lines."""
    (tmp_path / "mine.toml").write_text('prot = 1\nhost = 5\n[http]\nbody_limit = "much"\n')
    result = run("user", "list", "--config", "mine.toml")
    assert (result.exit_code, result.stderr.count("\n  - ")) == (3, 3)


def test_pending_migrations_are_refused_with_the_command(tmp_path: Path) -> None:
    """A database that was never migrated is not written to by chance."""
    result = run("user", "list", "--database", "sqlite:///empty.db")
    assert (result.exit_code, "crm migrate" in result.stderr) == (3, True)
