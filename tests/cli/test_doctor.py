"""What the doctor finds, and what to do."""

from __future__ import annotations

import json

from click.testing import Result

from tests.cli.conftest import Line, done, run


def states(result: Result) -> dict[str, str]:
    """State by check."""
    return {finding["check"]: finding["state"] for finding in json.loads(result.stdout)}


def test_a_sound_installation_is_fine(crm_line: Line) -> None:
    """Every check passes once somebody is in charge."""
    done(crm_line("user", "create", "ada@example.com", "--role", "admin"))
    assert set(states(crm_line("doctor", "--json")).values()) == {"fine"}


def test_a_crm_without_anybody_in_charge_is_warned_of(crm_line: Line) -> None:
    """A warning is no failure, and names the command."""
    result = crm_line("doctor")
    assert (result.exit_code, "crm user create" in result.stdout) == (0, True)


def test_pending_migrations_are_broken(database_url: str) -> None:
    """Exit code 1, and the command to run."""
    result = run("doctor", "--json", "--database", database_url)
    assert (result.exit_code, states(result)["migrations"]) == (1, "broken")
    assert "crm migrate" in result.stdout


def test_a_database_that_cannot_be_reached_is_broken() -> None:
    """What comes before it is looked at all the same."""
    result = run("doctor", "--json", "--database", "sqlite:////no/such/folder/crm.db")
    assert (result.exit_code, states(result)) == (
        1,
        {"versions": "fine", "settings": "fine", "plugins": "fine", "database": "broken"},
    )


def test_wrong_settings_are_broken(monkeypatch: object) -> None:
    """Each problem is a line."""
    result = run("doctor", "--json", "--config", "missing.toml")
    assert (result.exit_code, states(result)["start"]) == (1, "broken")
