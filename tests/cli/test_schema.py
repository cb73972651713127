"""The schema as text, without a database."""

from __future__ import annotations

from pathlib import Path

from graphql import build_schema

from tests.cli.conftest import done, run


def test_the_schema_is_printed() -> None:
    """It is SDL that other tools read."""
    schema = build_schema(done(run("schema")))
    assert schema.query_type is not None
    assert "customers" in schema.query_type.fields


def test_the_schema_is_written_and_compared(tmp_path: Path) -> None:
    """--write makes the file that --check accepts; another file, or none, is exit code 1 with the command."""
    missing = run("schema", "--check", "schema.graphql")
    done(run("schema", "--write", "schema.graphql"))
    same = run("schema", "--check", "schema.graphql")
    (tmp_path / "schema.graphql").write_text("type Query { other: Int }\n")
    other = run("schema", "--check", "schema.graphql")
    assert [missing.exit_code, same.exit_code, other.exit_code] == [1, 0, 1]
    assert "crm schema --write schema.graphql" in other.stderr
