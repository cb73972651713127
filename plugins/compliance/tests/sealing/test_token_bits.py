"""How many bits of a token are kept."""

from __future__ import annotations

import pytest
from crmcore_compliance.sealing.planning import Planned, coincidences, plan


@pytest.mark.parametrize(("records", "first", "last"), [(10_000, 7, 13), (50_000, 8, 15), (1_000_000, 10, 19)])
def test_plans_are_ciphersweets(records: int, first: int, last: int) -> None:
    """The numbers that CipherSweet's documentation gives for a column's first index."""
    assert (first, last) == (plan(records)[0], plan(records)[-1])


def test_an_index_that_is_there_already_leaves_fewer_bits() -> None:
    """CipherSweet's example: 4 bits of a value of 16 leave 4 to 11."""
    allowed = plan(50_000, existing=[Planned(4, 16)])
    assert (4, 11) == (allowed[0], allowed[-1])


def test_values_of_few_kinds_have_no_index() -> None:
    """A gender has two bits: any token would tell it."""
    assert not plan(100_000, value_bits=2.0)


@pytest.mark.parametrize("records", [100, 5_000, 123_456, 10_000_000])
def test_coincidences_are_as_many_as_the_rule_wants(records: int) -> None:
    """Between √R at the fewest bits and one at the most, so that a token stands for several records."""
    for bits in plan(records):
        assert 1 <= coincidences(records, [Planned(bits)]) <= records**0.5
