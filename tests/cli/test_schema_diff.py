"""`crm schema diff`: for people, for pipelines and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import run

OLD = 'type Query { a: Int b: Int @deprecated(reason: "Ask for a.") }\n'


@pytest.fixture(autouse=True)
def old(tmp_path: Path) -> None:
    """A schema in the folder where commands run."""
    (tmp_path / "old.graphql").write_text(OLD)


def test_breaking_changes_end_a_pipeline(tmp_path: Path) -> None:
    """The exit code is 1 when something breaks, and what it is stands in the output."""
    (tmp_path / "new.graphql").write_text("type Query { b: Int c: Int }\n")
    told = run("schema", "diff", "old.graphql", "new.graphql")

    assert 1 == told.exit_code
    assert "  Field Query.a was removed.\n" in told.stdout
    assert "  Field Query.c was added.\n" in told.stdout
    assert "1 breaking change" in told.stderr


@pytest.mark.parametrize(
    ("new", "allow", "code"),
    [
        ("type Query { a: Int }", None, 1),
        ("type Query { a: Int }", "announced", 0),
        ("type Query { c: Int }", "announced", 1),
        ("type Query { c: Int }", "breaking", 0),
        ("type Query { a: Int b: Int c: Int }", None, 0),
    ],
)
def test_what_was_announced_or_meant_can_be_let_go(tmp_path: Path, new: str, allow: str | None, code: int) -> None:
    """`--allow announced` lets go what the older schema deprecated, `--allow breaking` everything."""
    (tmp_path / "new.graphql").write_text(new)

    assert code == run("schema", "diff", "old.graphql", "new.graphql", *(("--allow", allow) if allow else ())).exit_code


def test_programs_read_json(tmp_path: Path) -> None:
    """`--json` gives every change with all that is known of it."""
    (tmp_path / "new.graphql").write_text("type Query { a: Int }")
    (found,) = json.loads(run("schema", "diff", "old.graphql", "new.graphql", "--json").stdout)

    assert {
        "severity": "breaking",
        "kind": "FIELD_REMOVED",
        "where": "Query.b",
        "plugin": None,
        "sentence": "Field Query.b was removed.",
        "announced": "Ask for a.",
    } == found


def test_without_a_second_schema_it_is_this_installation_s(tmp_path: Path) -> None:
    """NEW left out is the schema of the CRM as it is installed; `--core` leaves plugins out, and what settings say of them."""
    (tmp_path / "old.graphql").write_text("type Query { customer: Int, nothing: Int }\n")
    told = run("schema", "diff", "old.graphql", "--core")

    assert "  [core] Field Query.nothing was removed.\n" in told.stdout
    assert "  [customers] Customer was added.\n" in told.stdout


def test_what_is_no_schema_is_refused(tmp_path: Path) -> None:
    """A file that cannot be read as a schema is named, with what is wrong."""
    (tmp_path / "new.graphql").write_text("type Query {")
    told = run("schema", "diff", "old.graphql", "new.graphql")

    assert 1 == told.exit_code
    assert "old.graphql or new.graphql is no schema: Syntax Error" in told.stderr
