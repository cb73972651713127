"""Counting statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crmcore.testing import TestCrm

PAGE = "{ lessons { nodes { place customer { displayName } notes { nodes { text } } } } }"


async def test_the_right_number_passes(crm: TestCrm, assert_queries: Callable[[int], Any]) -> None:
    """By the fixture as by the method; finding out who asks does not count."""
    with assert_queries(1):
        await crm.execute(PAGE, as_="viewer")
    with crm.assert_queries(1) as queries:
        await crm.execute(PAGE, as_="viewer")

    assert 1 == len(queries)
    assert "lesson_note" in str(queries)


async def test_what_goes_along_with_another_statement_counts(crm: TestCrm) -> None:
    """A create is written with its commit; it is a statement all the same."""
    with pytest.raises(AssertionError, match="insert into tag"), crm.assert_queries(0):
        await crm.execute('mutation { createTag(data: {name: "x"}) { ... on Tag { id } } }')


@pytest.mark.parametrize("expected", [0, 2])
async def test_another_number_fails_with_the_statements(crm: TestCrm, expected: int) -> None:
    """Whether there are more or fewer."""
    said = rf"(?s){expected} statements were expected, and 1 ran:\n1\. select .*customer"
    with pytest.raises(AssertionError, match=said), crm.assert_queries(expected):
        await crm.execute(PAGE)


async def test_what_the_kit_looks_up_does_not_count(crm: TestCrm) -> None:
    """Events, jobs and people are looked up beside."""
    with crm.assert_queries(0):
        await crm.happened()
        await crm.waiting()
        await crm.actor("sales")


async def test_an_exception_of_the_block_is_not_hidden(crm: TestCrm) -> None:
    """A wrong number is not told of then, and statements are counted as before afterwards."""
    watch = crm.database.watch
    with pytest.raises(ZeroDivisionError), crm.assert_queries(7):
        raise ZeroDivisionError

    assert watch is crm.database.watch
