"""The arithmetic of finance, by figures that others have published or that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from crmcore_loyalty.finance.chain_ladder import chain_ladder
from crmcore_loyalty.finance.cohorts import Cohort, Estimate, Fact, position
from crmcore_loyalty.finance.journal import Accounts, Rules, journal
from crmcore_loyalty.finance.shares import allocated, expected, recognised, whole
from hypothesis import given, settings
from hypothesis import strategies as st

D = Decimal
#: General liability claims, cumulated (Taylor and Ashe 1983), as in Mack 1993.
TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]


def test_ifrs_15_example_52() -> None:
    """IE267 to IE270: 100,000 of goods with 10,000 points at 0.95; 4,500 of 9,500 redeemed, then 8,500 of 9,700."""
    part = allocated(100_000, D("0.95") * 10_000)
    first, second = recognised(part, 4_500, D(9_500)), recognised(part, 8_500, D(9_700))

    assert (8_676, 91_324) == (whole(part), whole(100_000 - part))
    assert (4_110, 4_566) == (whole(first), whole(part - first))
    assert (3_493, 1_073) == (whole(second - first), whole(part - second))


def test_example_52_as_cohorts_and_lines() -> None:
    """The same by two versions of an estimate; a point is worth 1 when redeemed, so its price alone is 0.95."""
    rates = {2027: D("0.95"), 2028: D("0.97")}
    rules = Rules(
        D(1), lambda day: Estimate(1, None, rates[day.year]), lambda _month, _day: Estimate(1, None, D("0.95"))
    )
    facts = [
        Fact("2027-06", date(2027, 6, 1), outstanding=10_000, sold=10_000, price=100_000),
        Fact("2027-06", date(2027, 12, 31), outstanding=-4_500, redeemed=4_500),
        Fact("2027-06", date(2028, 12, 31), outstanding=-4_000, redeemed=4_000),
    ]
    accounts = Accounts("4000", "2500", "6600", "2600")
    lines = list(journal(facts, rules, accounts, date(2027, 1, 1), date(2029, 1, 1)))
    liability: dict[int, int] = {}
    for line in lines:
        if line.account == "2500":
            liability[line.day.year] = liability.get(line.day.year, 0) + line.credit - line.debit

    assert [(date(2027, 6, 1), "4000", 8_676, 0), (date(2027, 6, 1), "2500", 0, 8_676)] == [
        (line.day, line.account, line.debit, line.credit) for line in lines[:2]
    ]
    assert {2027: 4_566, 2028: 1_073 - 4_566} == liability
    assert sum(line.debit for line in lines) == sum(line.credit for line in lines)


def test_a_changed_estimate_is_caught_up_with_on_its_day() -> None:
    """From 9,500 to 9,700 expected: 4,110 recognised become 4,025, though nothing was redeemed."""
    rules = Rules(
        D(1),
        lambda day: Estimate(1, None, D("0.97" if day.year == 2028 else "0.95")),
        lambda *_: Estimate(1, None, D("0.95")),
    )
    facts = [
        Fact("2027-06", date(2027, 6, 1), outstanding=10_000, sold=10_000, price=100_000),
        Fact("2027-06", date(2027, 7, 1), outstanding=-4_500, redeemed=4_500),
    ]
    lines = list(journal(facts, rules, Accounts("R", "L", "E", "P"), date(2028, 1, 1), date(2028, 2, 1)))

    assert [(date(2028, 1, 1), "R", 85, 0), (date(2028, 1, 1), "L", 0, 85)] == [
        (line.day, line.account, line.debit, line.credit) for line in lines
    ]


def test_the_chain_ladder_of_mack_1993() -> None:
    """The reserves of the published example, to the unit, and their sum, 18,680,856."""
    done = chain_ladder(TAYLOR_ASHE)
    reserves = [whole(ultimate - row[-1]) for ultimate, row in zip(done.ultimates, TAYLOR_ASHE, strict=True)]

    assert [0, 94_634, 469_511, 709_638, 984_889, 1_419_459, 2_177_641, 3_920_301, 4_278_972, 4_625_811] == reserves
    assert 18_680_856 == whole(sum(done.ultimates, D(0)) - sum(row[-1] for row in TAYLOR_ASHE))
    assert ["3.49061", "1.74733", "1.45741"] == [f"{factor:.5f}" for factor in done.factors[:3]]


@pytest.mark.parametrize(
    ("earned", "redeemed", "outstanding", "rate", "spent", "final"),
    [
        (1_000, 0, 1_000, "0.8", None, "800"),
        (1_000, 900, 100, "0.8", None, "900"),
        (1_000, 300, 100, "0.8", None, "400"),
        (1_000, 300, 0, "0.8", None, "300"),
        (1_000, 300, 700, "0.8", "0.5", "700"),
        (1_000, 600, 400, "0.8", "0.5", "1000"),
    ],
)
def test_what_will_be_redeemed(
    earned: int, redeemed: int, outstanding: int, rate: str, spent: str | None, final: str
) -> None:
    """The rate's part, never less than was redeemed nor more than can be; by a curve, its rest on top of what was."""
    assert D(final) == expected(earned, redeemed, outstanding, D(rate), D(spent) if spent else None)


def test_when_all_has_expired_all_is_revenue() -> None:
    """Nothing is owed any more for points that nobody can redeem."""
    cohort = Cohort("2027-01", outstanding=0, redeemed=100, expired=900, sold=1_000, price=10_000)
    done = position(cohort, D(1), 30, Estimate(1, None, D("0.9")), Estimate(1, None, D("0.9")))

    assert (826, 826, 0, 0) == (done.allocated, done.released, done.liability, done.provision)


def test_points_without_a_sale_are_set_aside_for_at_cost() -> None:
    """1,000 points given away, 80 % of which are expected, at 2 each: 1,600; nothing is deferred."""
    estimate = Estimate(1, datetime(2027, 1, 1, tzinfo=UTC), D("0.8"))
    done = position(Cohort("2027-01", outstanding=1_000), D(2), 0, estimate, estimate)

    assert (0, 0, 1_600) == (done.allocated, done.liability, done.provision)


_amounts = st.integers(0, 100_000)


@settings(max_examples=60, deadline=None)
@given(sold=_amounts, given_=_amounts, price=_amounts, redeemed=_amounts, expired=_amounts, rate=st.integers(0, 100))
def test_nothing_is_recognised_that_was_not_allocated(
    sold: int, given_: int, price: int, redeemed: int, expired: int, rate: int
) -> None:
    """0 <= released <= allocated <= price, and a provision is never negative."""
    outstanding = max(sold + given_ - redeemed - expired, 0)
    cohort = Cohort("2027-01", outstanding, redeemed, expired, sold, price)
    estimate = Estimate(1, None, D(rate) / 100)
    done = position(cohort, D("0.5"), 3, estimate, estimate)

    assert 0 <= done.released <= done.allocated <= price
    assert done.provision >= 0
