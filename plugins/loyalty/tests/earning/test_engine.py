"""The engine: which rules give how many points. No database is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from crmcore_loyalty.earning.engine import evaluate
from crmcore_loyalty.earning.facts import Line
from crmcore_loyalty.earning.hours import read
from crmcore_loyalty.earning.limits import Tally
from crmcore_loyalty.earning.rule import Campaign
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleBase as Base
from crmcore_loyalty.tables.rule_terms import LoyaltyRulePeriod as Period
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleRecipient as Recipient
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleRounding as Rounding
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStacking as Stacking
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_of import ADA, BOB, NOON, bought, factor, order, per_euro, points, rule, why_not


def test_points_for_each_so_much_money() -> None:
    """2 points for each euro of 25.00 are 50."""
    assert {"EURO": 50} == points([per_euro(points=2)])


@pytest.mark.parametrize(
    ("rounding", "of_250", "of_350"),
    [(Rounding.DOWN, 2, 3), (Rounding.UP, 3, 4), (Rounding.HALF_UP, 3, 4), (Rounding.HALF_EVEN, 2, 4)],
)
def test_parts_of_a_point_are_rounded_as_the_rule_says(rounding: Rounding, of_250: int, of_350: int) -> None:
    """Of 2.50 and 3.50, at one point a euro."""
    rules = [per_euro(rounding=rounding)]

    assert (of_250, of_350) == tuple(points(rules, bought(order(amount)))["EURO"] for amount in (250, 350))


def test_thirds_are_not_lost() -> None:
    """Three lines of a third of a point each are one point; with binary or decimal fractions they would be none."""
    rules = [per_euro("LINES", trigger=Trigger.ORDER_LINE, per_amount=300)]

    assert {"LINES": 1} == points(rules, bought(order(100, 100, 100)))


def test_which_money_counts() -> None:
    """All that is paid, the goods, or the goods without tax."""
    bill = order(lines=[Line(id="1", total=1190, tax=190)], total=1690, shipping=500)
    rules = [per_euro(base.name, base=base, per_amount=1) for base in Base]

    assert {"TOTAL": 1690, "GOODS": 1190, "NET": 1000} == points(rules, bought(bill))


def test_lines_earn_by_themselves() -> None:
    """A rule about lines looks at each, and gives a fixed number for each piece of those that match."""
    rules = [rule("LINE", trigger=Trigger.ORDER_LINE, condition="line.sku == 'SKU2'", points=7)]

    assert {"LINE": 7} == points(rules, bought(order(100, 200)))


def test_additive_rules_add_up_and_the_best_of_the_others_counts() -> None:
    """Of those that say BEST_OF only the one that gives most does, beside all that are ADDITIVE."""
    best = {"stacking": Stacking.BEST_OF}
    rules = [rule("A", points=1), rule("B", points=2), rule("C", points=3, **best), rule("D", points=4, **best)]

    assert {"A": 1, "B": 2, "D": 4} == points(rules)
    assert {"C": "BEST_OF"} == why_not(rules)


def test_an_exclusive_rule_counts_alone() -> None:
    """The one with the greatest priority, whatever the others would give."""
    only = {"stacking": Stacking.EXCLUSIVE}
    rules = [rule("A", points=100), rule("B", points=2, priority=1, **only), rule("C", points=3, **only)]

    assert {"B": 2} == points(rules)
    assert {"A": "EXCLUSIVE", "C": "EXCLUSIVE"} == why_not(rules)


def test_equal_rules_are_decided_by_priority_then_code() -> None:
    """The order in which they come from the database does not matter."""
    rules = [rule(code, stacking=Stacking.BEST_OF) for code in ("C", "A", "B")]

    assert [{"A": 10}, {"A": 10}] == [points(rules), points(rules[::-1])]


def test_factors_add_their_share_each() -> None:
    """Twice and one and a half times of 20 add 20 and 10, each as an award of its own."""
    rules = [rule("BASE", points=20), factor("TWICE", "2"), factor("HALF", "1.5")]

    assert {"BASE": 20, "TWICE": 20, "HALF": 10} == points(rules)


def test_multiplicative_factors_count_from_what_the_others_added() -> None:
    """Twice of 20 is 40, and one and a half times that is 60."""
    rules = [rule("BASE", points=20), factor("TWICE", "2"), factor("THEN", "1.5", stacking=Stacking.MULTIPLICATIVE)]

    assert {"BASE": 20, "TWICE": 20, "THEN": 20} == points(rules)


def test_a_factor_alone_gives_nothing() -> None:
    """There is nothing to multiply."""
    assert ({}, {"TWICE": "NOTHING"}) == (points([factor("TWICE", "2")]), why_not([factor("TWICE", "2")]))


def test_the_tier_multiplies_what_is_tiered() -> None:
    """A tier's 1.25 makes 20 points 25, and leaves alone what says so."""
    rules = [rule("TIERED", points=20), rule("PLAIN", points=20, tiered=False)]
    outcome = evaluate(rules, bought(), Tally(), {ADA: Decimal("1.25")})

    assert {"TIERED": 25, "PLAIN": 20} == {award.rule.code: award.points for award in outcome.awards}


def test_both_sides_of_a_referral_earn() -> None:
    """Who was brought and who brought them, each by a rule; nobody, where nobody brought them."""
    rules = [rule("NEW", points=5), rule("FRIEND", points=9, recipient=Recipient.REFERRER)]
    outcome = evaluate(rules, bought(referrer_id=BOB), Tally())

    assert [(ADA, 5), (BOB, 9)] == sorted((award.member_id, award.points) for award in outcome.awards)
    assert {"FRIEND": "NO_REFERRER"} == why_not(rules)


def test_rules_hold_from_an_instant_until_another() -> None:
    """The first counts, the last does not."""
    span = {"valid_from": NOON, "valid_until": NOON + timedelta(days=1)}
    times = (NOON - timedelta(seconds=1), NOON, NOON + timedelta(days=1))

    assert [{}, {"R": 10}, {}] == [points([rule(**span)], bought(at=at)) for at in times]


def test_a_campaign_that_does_not_run_gives_nothing() -> None:
    """Its dates and its switch hold for all its rules."""
    runs = Campaign("SPRING", NOON, NOON + timedelta(days=1), None, active=True)
    off = Campaign("SPRING", None, None, None, active=False)

    assert [{"R": 10}, {}] == [points([rule(campaign=campaign)]) for campaign in (runs, off)]


def test_happy_hours_go_by_the_programs_clocks() -> None:
    """Monday 20:00 in Shanghai is Monday noon in UTC; hours past midnight belong to the day on which they begin."""
    evening = [{"days": ["MON"], "from": "19:00", "until": "21:00"}]
    night = [{"days": ["SUN"], "from": "22:00", "until": "02:00"}]
    at_one = datetime(2026, 3, 1, 17, tzinfo=UTC)

    assert {"R": 10} == points([rule(hours=read(evening))])
    assert {} == points([rule(hours=read(night))])
    assert {"R": 10} == points([rule(hours=read(night))], bought(at=at_one))


def test_another_currency_earns_nothing() -> None:
    """A rule counts the money it names."""
    assert {"EURO": "CURRENCY"} == why_not([per_euro()], bought(order(2500, currency="USD")))


def test_a_condition_without_an_answer_gives_nothing_and_says_so() -> None:
    """Dividing by zero is no reason to give points, nor to fail an order."""
    assert {"R": "CONDITION_FAILED"} == why_not([rule(condition="order.total / order.shipping > 1")])


def test_limits_of_a_member_are_counted_by_period() -> None:
    """Twice a day: the third time gives nothing, the next day gives again."""
    rules, tally = [rule(limit_times=2, limit_period=Period.DAY)], Tally()
    same_day = [points(rules, bought(), tally) for _ in range(3)]

    assert [{"R": 10}, {"R": 10}, {}] == same_day
    assert {"R": 10} == points(rules, bought(at=NOON + timedelta(hours=4, seconds=1)), tally)


def test_what_is_left_of_a_budget_is_given() -> None:
    """Of 25 points the third award of 10 gets 5, the fourth none."""
    rules, tally = [rule(budget=25)], Tally()

    assert [10, 10, 5, None] == [points(rules, bought(), tally).get("R") for _ in range(4)]


def test_rules_of_a_campaign_share_its_budget() -> None:
    """The one with the greater priority comes first."""
    campaign = Campaign("SPRING", None, None, 15, active=True)
    rules = [rule("A", campaign=campaign), rule("B", campaign=campaign, priority=1)]

    assert {"B": 10, "A": 5} == points(rules)


def test_only_the_first_get_it() -> None:
    """Whoever they are."""
    rules, tally = [rule(first=1)], Tally()

    assert [{"R": 10}, {}] == [points(rules, bought(member_id=member), tally) for member in (ADA, BOB)]


def test_a_cool_down_counts_in_business_time_both_ways() -> None:
    """What happened within an hour before or after the last one gives nothing, however late it is told."""
    rules, tally = [rule(cooldown_minutes=60)], Tally()
    times = [NOON, NOON + timedelta(minutes=59), NOON - timedelta(minutes=59), NOON + timedelta(minutes=60)]

    assert [10, None, None, 10] == [points(rules, bought(at=at), tally).get("R") for at in times]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=6),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
    st.sampled_from(Rounding),
)
def test_rounding_is_off_by_less_than_a_point(totals: list[int], each: int, amount: int, rounding: Rounding) -> None:
    """Whatever the amounts are, and the parts add up to exactly what was rounded."""
    one = per_euro("L", each, trigger=Trigger.ORDER_LINE, per_amount=amount, rounding=rounding)
    outcome = evaluate([one], bought(order(*totals)), Tally())
    exact = Fraction(sum(totals) * each, amount)

    for award in outcome.awards:
        assert exact == award.exact
        assert abs(award.points - exact) < 1
