"""What one test asked, the next asks without parsing it again, and knows nothing else of it."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.graphql.planner import GraphQLErrors
from crmcore.settings import Settings
from crmcore.settings.structs import GraphQL
from crmcore.testing import TestCrm

READING = "crmcore.graphql.planner.documents.reading.parse"
TEXT = "query a { customers { nodes { id } } } query b { deals { totalCount } }"


@pytest.fixture
def alike(crm_model: TestCrm) -> tuple[TestCrm, TestCrm]:
    """Two CRMs of one model; neither runs."""
    crm_model._read_texts._values.clear()
    return crm_model.like(Settings()), crm_model.like(Settings())


def fail(*_: Any, **__: Any) -> None:
    """Stand in for the parser."""
    pytest.fail("It is parsed again.")


def test_a_text_is_parsed_once_for_all(alike: tuple[TestCrm, TestCrm], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation of it is known to a CRM that is like the one that was asked; what was worked out of it is not."""
    one, other = alike
    asked = one.documents.get(TEXT, "a")
    asked.notes["worked out"] = True

    monkeypatch.setattr(READING, fail)

    assert other.documents.get(TEXT, "a").definition is asked.definition
    assert {} == other.documents.get(TEXT, "a").notes
    assert "b" == other.documents.get(TEXT, "b").name
    assert one.documents.get(TEXT, "a") is asked


def test_each_counts_for_itself(alike: tuple[TestCrm, TestCrm]) -> None:
    """Its cache is its own: what it finds there and what not is as if it were alone."""
    for crm in alike:
        crm.documents.get(TEXT, "a")
        crm.documents.get(TEXT, "a")

    assert [(1, 1, 1)] * 2 == [(len(d.cache), d.cache.hits, d.cache.misses) for d in (c.documents for c in alike)]


def test_other_limits_are_kept(crm_model: TestCrm, alike: tuple[TestCrm, TestCrm]) -> None:
    """What one may ask is too large for another."""
    alike[0].documents.get(TEXT, "a")
    narrow = crm_model.like(Settings(graphql=GraphQL(max_fields=2)))

    with pytest.raises(GraphQLErrors, match="fields"):
        narrow.documents.get(TEXT, "a")


def test_what_is_refused_is_refused_again(alike: tuple[TestCrm, TestCrm]) -> None:
    """Errors are each CRM's own."""
    told = []
    for crm in alike:
        with pytest.raises(GraphQLErrors, match="Cannot query field 'nothing'") as refused:
            crm.documents.get("{ nothing }")
        told.append(refused.value.errors[0])

    assert told[0] is not told[1]


def test_a_model_of_other_plugins_reads_for_itself(alike: tuple[TestCrm, TestCrm]) -> None:
    """A text that is valid here may not be there."""
    alike[0].documents.get("{ lessons { totalCount } }")

    with pytest.raises(GraphQLErrors, match="lessons"):
        TestCrm(Settings(), installed=False).documents.get("{ lessons { totalCount } }")
