"""The core's schema stands in the repository, whole and described."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest
from graphql import build_schema, validate_schema

from crmcore.app import Crm
from crmcore.graphql.schema.schema import CrmSchema
from crmcore.settings import Settings
from tests.graphql.walk import undescribed

SNAPSHOT = Path(__file__).parents[2] / "docs" / "schema.graphql"


@pytest.fixture(scope="module")
def schema() -> CrmSchema:
    """The schema without installed plugins."""
    return Crm(Settings(), installed=False).schema


def test_the_schema_changes_with_announcement(schema: CrmSchema) -> None:
    """A change of the schema is a change of `docs/schema.graphql`, which reviewers see."""
    written = SNAPSHOT.read_text("utf-8") if SNAPSHOT.exists() else ""
    if written == schema.sdl:
        return
    lines = list(
        unified_diff(written.splitlines(), schema.sdl.splitlines(), "docs/schema.graphql", "now", lineterm="", n=1)
    )
    shown = "\n".join(lines[:40])
    pytest.fail(
        f"The schema changed. If that is meant, run: crm schema --core --write docs/schema.graphql\n{shown}",
        pytrace=False,
    )


def test_everything_is_described(schema: CrmSchema) -> None:
    """Every type, field, argument, input field and enum value of the core has a sentence."""
    assert [] == list(undescribed(schema.graphql))


def test_the_snapshot_is_a_schema() -> None:
    """Tools that read SDL only, as code generators do, can read it."""
    assert [] == validate_schema(build_schema(SNAPSHOT.read_text("utf-8")))
