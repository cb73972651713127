"""Documents: parsed and validated once per text, one operation chosen, the number kept bounded."""

from __future__ import annotations

import pytest
from graphql import validate

from crmcore.graphql.planner import Documents, GraphQLErrors
from tests.graphql.planner.world import schema

_TWO = "query A { __typename } query B { buyers { totalCount } }"


def test_a_text_is_read_once() -> None:
    """The second time it is the same operation."""
    documents = Documents(schema().graphql)
    assert documents.get("{ __typename }") is documents.get("{ __typename }")
    assert (documents.cache.hits, documents.cache.misses) == (1, 1)


def test_an_invalid_text_is_refused_from_the_cache_too() -> None:
    """Asking again costs nothing, and gives the same errors."""
    documents = Documents(schema().graphql)
    messages = []
    for _ in range(2):
        with pytest.raises(GraphQLErrors) as refused:
            documents.get("{ nonsense }")
        messages.append(str(refused.value))
    assert messages[0] == messages[1]
    assert documents.cache.hits == 1


def test_long_texts_are_answered_but_not_kept() -> None:
    """So the cache's memory is bounded by its size."""
    documents = Documents(schema().graphql)
    assert documents.get("{ __typename }" + " " * 30_000)
    assert len(documents.cache) == 0


def test_the_least_recently_used_text_is_forgotten() -> None:
    """Those still asked for stay."""
    documents = Documents(schema().graphql, size=2)
    first = documents.get("{ a: __typename }")
    documents.get("{ b: __typename }")
    documents.get("{ a: __typename }")
    documents.get("{ c: __typename }")
    assert documents.get("{ a: __typename }") is first
    assert len(documents.cache) == 2


def test_operation_name_chooses() -> None:
    """One of several by its name."""
    assert Documents(schema().graphql).get(_TWO, "B").name == "B"


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        (_TWO, None, "several operations"),
        (_TWO, "C", "no operation 'C'; it has: A, B"),
        ("{ __typename }", "C", "no operation 'C'"),
    ],
)
def test_an_operation_that_is_not_there_or_not_said_is_refused(text: str, name: str | None, words: str) -> None:
    """Never is the first simply taken."""
    with pytest.raises(GraphQLErrors, match=words):
        Documents(schema().graphql).get(text, name)


def test_names_that_are_like_an_unknown_one_can_be_kept_back() -> None:
    """They tell the schema to people who may not see it."""
    for suggestions in (True, False):
        with pytest.raises(GraphQLErrors) as refused:
            Documents(schema().graphql, suggestions=suggestions).get("{ buyerz { totalCount } }")
        assert ("buyers" in str(refused.value)) is suggestions


def test_a_valid_text_is_validated_once_with_and_without_suggestions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may see suggestions costs the cache no second entry; an invalid text is validated again for the first of them."""
    documents, times = Documents(schema().graphql), []
    monkeypatch.setattr(
        "crmcore.graphql.planner.documents.checked.validate", lambda *a, **k: times.append(k) or validate(*a, **k)
    )
    assert documents.get("{ __typename }", suggestions=True) is documents.get("{ __typename }", suggestions=False)
    assert len(times) == 1
    said = []
    for suggestions in (False, True, False, True):
        with pytest.raises(GraphQLErrors) as refused:
            documents.get("{ buyerz { totalCount } }", suggestions=suggestions)
        said.append("buyers" in str(refused.value))
    assert (said, len(times), len(documents.cache)) == ([False, True, False, True], 3, 2)


def test_many_unknown_names_get_no_suggestions() -> None:
    """Comparing each with all names of a type took 70 ms for 20 of them."""
    with pytest.raises(GraphQLErrors) as refused:
        Documents(schema().graphql).get("{ buyerz buyerx buyery buyerw }")
    assert "Did you mean" not in str(refused.value)
