"""Generalised rows are k-anonymous and l-diverse; pycanon, which knows nothing of how they were made, is the judge."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from typing import Any

import pandas
import pytest
from crmcore_compliance.register.mondrian import Demand, TooFew, anonymised
from hypothesis import given, settings
from hypothesis import strategies as st
from pycanon import anonymity

QUASI, SENSITIVE = ("age", "city", "born"), ("illness",)
ROW = st.fixed_dictionaries(
    {
        "age": st.one_of(st.none(), st.integers(0, 99)),
        "city": st.sampled_from(["Berlin", "Paris", "上海", "Rome", ""]),
        "born": st.one_of(st.none(), st.dates(date(1920, 1, 1), date(2020, 1, 1))),
        "illness": st.sampled_from(["none", "flu", "asthma", "migraine"]),
    }
)


def people(count: int, seed: int) -> list[dict[str, Any]]:
    """Return people as they are: few old ones, most in one city."""
    chance = random.Random(seed)
    return [
        {
            "age": int(chance.triangular(18, 95, 30)),
            "city": chance.choices(["Berlin", "Paris", "上海", "Rome"], [8, 4, 2, 1])[0],
            "born": date(1930, 1, 1).replace(year=chance.randint(1930, 2005)),
            "illness": chance.choice(["none", "flu", "asthma", "migraine"]),
        }
        for _ in range(count)
    ]


@given(st.lists(ROW, min_size=1, max_size=60), st.integers(1, 8), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_the_judge_finds_what_was_demanded(rows: list[dict[str, Any]], k: int, diverse: int) -> None:
    """Of any table: at least k alike, at least l sensitive values among them, no row more or fewer; or a refusal."""
    demand = Demand(QUASI, SENSITIVE, k, diverse)
    try:
        found = anonymised(rows, demand)
    except TooFew:
        assert len(rows) < k or len({row["illness"] for row in rows}) < diverse
        return
    frame = pandas.DataFrame(found)

    assert anonymity.k_anonymity(frame, list(QUASI)) >= k
    assert anonymity.l_diversity(frame, list(QUASI), list(SENSITIVE)) >= diverse
    assert Counter(row["illness"] for row in rows) == Counter(row["illness"] for row in found)


@pytest.mark.parametrize("k", [2, 5, 25])
def test_not_more_is_lost_than_must_be(k: int) -> None:
    """Parts are cut as long as they can be: on average they are less than four times as large as they must be."""
    rows = people(2000, k)
    found = Counter(tuple(row[c] for c in QUASI) for row in anonymised(rows, Demand(QUASI, SENSITIVE, k, 2)))

    assert min(found.values()) >= k
    assert 2000 / len(found) < 4 * k


def test_every_row_is_within_what_is_written_of_it() -> None:
    """A range holds the ages it stands for: the spans of one column count as many as there are rows between them."""
    rows = people(300, 1)
    spans = Counter(row["age"] for row in anonymised(rows, Demand(("age",), (), 10)))
    for span, count in spans.items():
        low, _, high = span.partition("..")
        assert count == sum(int(low) <= row["age"] <= int(high or low) for row in rows)


def test_the_order_tells_nothing() -> None:
    """However the rows come, the result is the same."""
    rows = people(100, 2)
    demand = Demand(QUASI, SENSITIVE, 5, 2)

    assert anonymised(rows, demand) == anonymised(rows[::-1], demand)


@pytest.mark.parametrize(
    "demand", [Demand(()), Demand(("age",), ("age",)), Demand(("age",), k=0), Demand(("age",), ("illness",), l=0)]
)
def test_a_demand_that_cannot_be_is_refused(demand: Demand) -> None:
    """Before anything is read."""
    with pytest.raises(ValueError, match="quasi-identifiers"):
        anonymised(people(10, 3), demand)
