"""The database brought to the declared shape from the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Line, done, run


@pytest.fixture
def empty(database_url: str) -> str:
    """The URL of an empty database."""
    return database_url


def test_an_empty_database_is_made_ready(empty: str) -> None:
    """Everything missing is applied and named; a second time there is nothing to do."""
    first, second = (done(run("migrate", "--database", empty)) for _ in range(2))
    assert "customers" in first
    assert second == "Nothing to do.\n"


def test_a_plan_touches_nothing(empty: str) -> None:
    """The SQL is printed, and still pending afterwards."""
    printed = done(run("migrate", "--plan", "--database", empty))
    assert "create table" in printed.lower()
    assert run("migrate", "--check", "--database", empty).exit_code == 1


def test_a_database_in_shape_passes_the_check(crm_line: Line) -> None:
    """Exit code 0 when nothing is pending and nothing drifted."""
    assert done(crm_line("migrate", "--check")) == "The database is in shape.\n"


def test_a_pending_migration_fails_the_check(crm_line: Line) -> None:
    """Exit code 1 names what is pending."""
    done(crm_line("migrate", "--down", "interactions", "0"))
    result = crm_line("migrate", "--check")
    assert (result.exit_code, "interactions" in result.stderr) == (1, True)


def test_what_would_be_taken_back_can_be_planned(crm_line: Line) -> None:
    """--plan with --down prints and keeps."""
    assert "drop table" in done(crm_line("migrate", "--plan", "--down", "interactions", "0")).lower()
    assert crm_line("migrate", "--check").exit_code == 0


def test_an_unknown_plugin_is_refused(crm_line: Line) -> None:
    """A misspelt plugin is a set-up error that names those there are."""
    result = crm_line("migrate", "--down", "customer", "0")
    assert (result.exit_code, "customers" in result.stderr) == (3, True)


def test_a_migration_that_nothing_asks_for_is_not_written(crm_line: Line) -> None:
    """--new says that the tables are as the migrations make them."""
    assert crm_line("migrate", "--new", "customers", "nothing").exit_code == 3


def test_options_that_exclude_each_other_are_refused(crm_line: Line) -> None:
    """One thing at a time."""
    assert crm_line("migrate", "--check", "--down", "customers", "0").exit_code == 2
