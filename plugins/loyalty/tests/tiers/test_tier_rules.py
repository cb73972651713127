"""The rules of tiers, without a database: periods, grace, soft landing, override, and that it does not matter who looks when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from crmcore_loyalty.tables.standings import LoyaltyStandingState as State
from crmcore_loyalty.tables.tiers import LoyaltyTierDowngrade, LoyaltyTierMetric, LoyaltyTierPeriod
from crmcore_loyalty.tiers.evaluate import evaluate
from crmcore_loyalty.tiers.ladder import Ladder, Rung
from crmcore_loyalty.tiers.periods import Periods
from crmcore_loyalty.tiers.requalify import at_cuts, cuts
from crmcore_loyalty.tiers.standing import NOWHERE, Evaluation, Standing
from hypothesis import given, settings
from hypothesis import strategies as st

SILVER, GOLD, BLACK = (UUID(int=n) for n in (1, 2, 3))
_RUNGS = tuple(
    Rung(id, rank, name.upper(), name, threshold)
    for rank, (id, name, threshold) in enumerate(
        ((SILVER, "Silver", 100), (GOLD, "Gold", 500), (BLACK, "Black", 2000)), 1
    )
)
JOINED = datetime(2024, 2, 29, 10, tzinfo=UTC)


def at(text: str) -> datetime:
    """Read an instant; a day alone is its noon, UTC."""
    return datetime.fromisoformat(text if "T" in text else f"{text}T12:00").replace(tzinfo=UTC)


def ladder(**rules: Any) -> Ladder:
    """Make a ladder of Silver (100), Gold (500) and Black (2000)."""
    kind = LoyaltyTierPeriod[rules.pop("period", "CALENDAR")]
    zone, months, start = rules.pop("zone", "UTC"), rules.pop("months", 12), rules.pop("start_month", 1)
    given: dict[str, Any] = {"keep": 1, "grace_days": 0, "downgrade": LoyaltyTierDowngrade.ONE_LEVEL, "warn_days": 30}
    given |= {"id": UUID(int=9), "program_id": UUID(int=8), "name": "Status", "metric": LoyaltyTierMetric.POINTS}
    given |= {"currency_id": UUID(int=7), "money": None, "counts_before": False, "activity": None, "rungs": _RUNGS}
    given |= {"order_trigger": "PAID", "periods": Periods(kind, months, start, ZoneInfo(zone))}
    return Ladder(**(given | rules))


def look(rules: Ladder, now: str, *history: tuple[str, int], was: Standing = NOWHERE) -> Evaluation:
    """Evaluate at an instant."""
    return evaluate(rules, JOINED, tuple(sorted((at(day), amount) for day, amount in history)), was, at(now))


def kinds(evaluation: Evaluation) -> list[str]:
    """Return what happened."""
    return [move.kind.name for move in evaluation.moves]


def test_a_tier_is_reached_at_its_threshold() -> None:
    """499 are not enough for Gold, 500 are."""
    below, reached = (look(ladder(), "2027-03-01", ("2027-02-01", points)) for points in (499, 500))

    assert (SILVER, 1, GOLD) == (below.standing.tier_id, below.missing, below.next_tier_id)
    assert (GOLD, 1500, ["UPGRADED"]) == (reached.standing.tier_id, reached.missing, kinds(reached))


def test_a_tier_lasts_through_the_period_after_the_one_it_was_reached_in() -> None:
    """Reached in March 2027 it lasts to the end of 2028, in the program's time zone."""
    done = look(ladder(zone="Asia/Shanghai"), "2027-03-01", ("2027-02-01", 500))

    assert at("2028-12-31T16:00") == done.standing.until


def test_who_qualifies_again_keeps_it() -> None:
    """What counts in 2028 carries it through 2029, without any move."""
    first = look(ladder(), "2027-03-01", ("2027-02-01", 500)).standing
    second = look(ladder(), "2029-01-02", ("2027-02-01", 500), ("2028-06-01", 600), was=first)

    assert (GOLD, at("2030-01-01T00:00"), []) == (second.standing.tier_id, second.standing.until, kinds(second))


def test_who_does_not_lands_softly_one_tier_below() -> None:
    """And keeps that one for another period, though nothing counts any more; then the next one."""
    history = ("2027-02-01", 2000)
    first = look(ladder(), "2027-03-01", history).standing
    second = look(ladder(), "2029-03-01", history, was=first)
    last = look(ladder(), "2031-03-01", history, was=second.standing)

    assert (GOLD, State.LANDED, at("2029-01-01T00:00")) == (
        second.standing.tier_id, second.standing.state, second.standing.since,
    )  # fmt: skip
    assert (None, ["DOWNGRADED", "DOWNGRADED"]) == (last.standing.tier_id, kinds(last))


def test_recomputing_takes_them_to_what_they_qualify_for() -> None:
    """From Black to Silver at once, if that is what counts."""
    rules, history = ladder(downgrade=LoyaltyTierDowngrade.RECOMPUTE), (("2027-02-01", 2000), ("2028-02-01", 150))
    first = look(rules, "2027-03-01", *history[:1]).standing
    second = look(rules, "2029-03-01", *history, was=first)

    assert (SILVER, State.ACTIVE, ["DOWNGRADED"]) == (second.standing.tier_id, second.standing.state, kinds(second))


def test_grace_days_begin_with_the_end_of_the_period() -> None:
    """However late somebody looks; while they last, qualifying again keeps the tier."""
    rules, history = ladder(grace_days=60), ("2027-02-01", 500)
    first = look(rules, "2027-03-01", history).standing
    risk = look(rules, "2029-01-20", history, was=first)
    kept = look(rules, "2029-02-20", history, ("2029-02-10", 500), was=risk.standing)
    late = look(rules, "2029-03-10", history, ("2029-03-09", 500), was=risk.standing)

    assert (State.AT_RISK, at("2029-03-02T00:00"), True, 500) == (
        risk.standing.state, risk.standing.grace_until, risk.warn, risk.keep_missing,
    )  # fmt: skip
    assert (State.ACTIVE, ["RETAINED"]) == (kept.standing.state, kinds(kept))
    assert ["DOWNGRADED", "UPGRADED"] == kinds(late)


def test_what_was_undone_counts_in_the_period_it_was_earned_in() -> None:
    """A return takes the tier it had brought."""
    first = look(ladder(), "2027-03-01", ("2027-02-01", 500)).standing
    second = look(ladder(), "2027-03-05", ("2027-02-01", 500), ("2027-02-01", -300), was=first)

    assert (SILVER, ["DOWNGRADED"]) == (second.standing.tier_id, kinds(second))


def test_what_is_told_late_counts_when_it_happened() -> None:
    """An order of the old year that is told in the new one keeps the tier."""
    rules = ladder(grace_days=30)
    first = look(rules, "2027-03-01", ("2027-02-01", 500)).standing
    risk = look(rules, "2029-01-03", ("2027-02-01", 500), was=first).standing
    kept = look(rules, "2029-01-05", ("2027-02-01", 500), ("2028-12-30", 500), was=risk)

    assert (GOLD, State.ACTIVE, at("2030-01-01T00:00")) == (
        kept.standing.tier_id, kept.standing.state, kept.standing.until,
    )  # fmt: skip


def test_the_rolling_window_lets_go_day_by_day() -> None:
    """What was earned on 11 March counts through 10 March of the next year."""
    rules = ladder(period="ROLLING", keep=0)
    first = look(rules, "2027-04-01", ("2027-03-11", 400), ("2027-03-20", 150))

    assert (GOLD, at("2028-03-11T00:00"), 350, at("2028-02-10T00:00")) == (
        first.standing.tier_id, first.standing.until, first.keep_missing, first.due_at,
    )  # fmt: skip
    assert GOLD == look(rules, "2028-03-10T23:59", ("2027-03-11", 400), ("2027-03-20", 150)).standing.tier_id
    assert SILVER == look(rules, "2028-03-11T00:00", ("2027-03-11", 400), ("2027-03-20", 150)).standing.tier_id


@pytest.mark.parametrize(
    ("now", "begins", "ends"),
    [
        ("2026-02-27", "2025-02-28", "2026-02-28"),
        ("2028-02-28", "2027-02-28", "2028-02-29"),
        ("2028-02-29", "2028-02-29", "2029-02-28"),
    ],
)
def test_who_joined_on_a_leap_day_has_anniversaries(now: str, begins: str, ends: str) -> None:
    """On 28 February in common years, on 29 in leap years."""
    window = look(ladder(period="ANNIVERSARY"), now).window

    assert (at(f"{begins}T00:00"), at(f"{ends}T00:00")) == (window.begins, window.ends)


def test_a_period_may_begin_in_any_month() -> None:
    """A fiscal year from April; a quarter is three months."""
    year, quarter = look(ladder(start_month=4), "2027-03-31"), look(ladder(months=3, start_month=2), "2027-01-15")

    assert (at("2026-04-01T00:00"), at("2027-04-01T00:00")) == (year.window.begins, year.window.ends)
    assert (at("2026-11-01T00:00"), at("2027-02-01T00:00")) == (quarter.window.begins, quarter.window.ends)


def test_what_was_given_by_hand_stays_to_its_end() -> None:
    """Whatever counts; afterwards the rules hold again, without grace days."""
    given = Standing(BLACK, State.OVERRIDDEN, at("2027-01-01"), at("2027-06-01"), reason="A partner.")
    rules = ladder(grace_days=90)
    before = look(rules, "2027-05-31", ("2027-02-01", 120), was=given)
    after = look(rules, "2027-06-02", ("2027-02-01", 120), was=given)

    assert (BLACK, [], at("2027-06-01")) == (before.standing.tier_id, kinds(before), before.due_at)
    assert (SILVER, ["DOWNGRADED"], at("2027-06-01")) == (after.standing.tier_id, kinds(after), after.standing.since)


def test_members_are_warned_once_of_an_end() -> None:
    """Thirty days ahead, if something is missing."""
    first = look(ladder(), "2027-03-01", ("2027-02-01", 500), ("2028-01-05", 20))
    early = look(ladder(), "2028-11-01", ("2027-02-01", 500), ("2028-01-05", 20), was=first.standing)
    warned = look(ladder(), "2028-12-02", ("2027-02-01", 500), ("2028-01-05", 20), was=early.standing)
    again = look(ladder(), "2028-12-03", ("2027-02-01", 500), ("2028-01-05", 20), was=warned.standing)

    assert (False, at("2028-12-02T00:00")) == (early.warn, early.due_at)
    assert (True, 480, False) == (warned.warn, warned.keep_missing, again.warn)


def test_for_ever_is_for_ever() -> None:
    """Without periods a tier has no end, unless what brought it is undone."""
    rules = ladder(period="EVER", keep=0)
    first = look(rules, "2040-01-01", ("2025-02-01", 500))

    assert (GOLD, None, None) == (first.standing.tier_id, first.standing.until, first.due_at)


_days = st.integers(min_value=0, max_value=5 * 366)
_rules = st.fixed_dictionaries(
    {
        "period": st.sampled_from([kind.name for kind in LoyaltyTierPeriod]),
        "keep": st.integers(0, 2),
        "grace_days": st.sampled_from([0, 1, 45, 300]),
        "downgrade": st.sampled_from(list(LoyaltyTierDowngrade)),
        "months": st.sampled_from([1, 3, 12]),
        "zone": st.sampled_from(["UTC", "America/New_York", "Asia/Shanghai", "Asia/Beirut"]),
    }
)


@settings(max_examples=60, deadline=None)
@given(
    rules=_rules,
    history=st.lists(st.tuples(_days, st.integers(1, 900)), max_size=8),
    looks=st.lists(_days, max_size=6),
)
def test_it_does_not_matter_who_looks_when(
    rules: dict[str, Any], history: list[tuple[int, int]], looks: list[int]
) -> None:
    """Once all has been counted, further looks along the way change nothing of where the member stands at the end."""
    if rules["period"] in ("ROLLING", "EVER"):
        rules = rules | {"keep": 0}
    made = ladder(**rules)
    events = tuple(sorted((JOINED + timedelta(days=days), amount) for days, amount in history))
    end = JOINED + timedelta(days=6 * 366)
    # Each event is looked at when it happens, as the plugin does; `looks` are the daily job's.
    always = [when for when, _ in events]

    def run(extra: list[datetime]) -> tuple[Any, ...]:
        standing = NOWHERE
        for when in sorted({*always, *extra, end}):
            standing = evaluate(made, JOINED, tuple(e for e in events if e[0] <= when), standing, when).standing
        return standing.tier_id, standing.state, standing.since, standing.until, standing.grace_until

    assert run([]) == run([JOINED + timedelta(days=days) for days in looks])


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, True),
        ("2030-01-01T00:00", True),
        ("2029-01-01T00:00", True),
        ("2029-02-15T00:00", True),
        ("2029-03-03T00:00", False),
        ("2028-01-01T00:00", False),
    ],
)
def test_the_database_sums_only_where_days_do_not_matter(until: str | None, expected: bool) -> None:
    """Where what happened meanwhile happened at the beginning of the present period, or with its grace days."""
    rules, now = ladder(grace_days=45), at("2029-06-01")
    by = cuts(rules, now)
    row = {"grace_until": None, "until": until and at(until)}

    assert expected == at_cuts(rules, row, by or (), now)


def test_the_database_sums_periods_that_nobody_looked_at() -> None:
    """From the first standing that ended on, with the periods that mattered to it; each boundary after it is a cut too."""
    rules, now = ladder(grace_days=45, keep=1), at("2029-06-01")
    by = cuts(rules, now, at("2027-01-01T00:00"))
    row = {"grace_until": None, "until": at("2027-01-01T00:00")}

    assert by is not None
    assert at_cuts(rules, row, by, now, at("2027-01-01T00:00"))
    assert [at(f"{year}-{day}T00:00") for year in range(2026, 2030) for day in ("01-01", "02-15")] == by


def test_only_common_periods_are_summed() -> None:
    """The window that rolls, and anniversaries, are counted day by day; all time is one sum."""
    kinds_of = {kind.name: cuts(ladder(period=kind.name), at("2029-06-01")) for kind in LoyaltyTierPeriod}

    assert {"CALENDAR": 4, "ANNIVERSARY": None, "ROLLING": None, "EVER": 0} == {
        kind: found if found is None else len(found)
        for kind, found in (kinds_of | {"CALENDAR": cuts(ladder(grace_days=45), at("2029-06-01"))}).items()
    }
