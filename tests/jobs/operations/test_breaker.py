"""When a handler is left alone for a while."""

from __future__ import annotations

from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from crmcore.database import ids
from crmcore.jobs.breaker import Breaker, pause

JOBS = [ids.new() for _ in range(60)]


def fed(breaker: Breaker, outcomes: str, jobs: int = 60) -> int | None:
    """Feed outcomes (x failed, . did not) of different jobs; return after how many it opened."""
    for count, (outcome, job) in enumerate(zip(outcomes, cycle(JOBS[:jobs]), strict=False), 1):
        if breaker.ended(job, failed=outcome == "x"):
            return count
    return None


def test_it_opens_after_failures_in_a_row() -> None:
    """Exactly then, and a success in between begins the count anew."""
    assert 10 == fed(Breaker(10), "x" * 20)
    assert 20 == fed(Breaker(10), "x" * 9 + "." + "x" * 20)
    assert fed(Breaker(10), ("x" * 9 + ".") * 4) is None


def test_one_job_alone_opens_nothing() -> None:
    """A job that can never succeed ends dead by itself; the others of its handler go on."""
    assert fed(Breaker(5), "x" * 200, jobs=2) is None
    assert 5 == fed(Breaker(5), "x" * 200, jobs=3)


def test_it_opens_when_most_fail() -> None:
    """Four of five among the last fifty, even if never many in a row; not before there are fifty."""
    assert 50 == fed(Breaker(10), ".xxxx" * 20)
    assert fed(Breaker(10), "xxx." * 40) is None


def test_a_reset_forgets() -> None:
    """After it the count begins anew."""
    breaker = Breaker(10)
    fed(breaker, "x" * 9)
    breaker.reset()
    assert 10 == fed(breaker, "x" * 20)


@given(st.text("x.", max_size=300), st.integers(3, 20))
def test_it_opens_exactly_by_the_rule(outcomes: str, in_row: int) -> None:
    """Told anew from the whole history at each step."""

    def due(seen: str) -> bool:
        last = seen[-50:]
        return seen.endswith("x" * in_row) or (len(last) == 50 and last.count("x") >= 40 and seen[-1] == "x")

    expected = next((n for n in range(1, len(outcomes) + 1) if due(outcomes[:n])), None)
    assert expected == fed(Breaker(in_row), outcomes)


def test_it_stays_open_longer_after_each_trial_that_failed() -> None:
    """Twice as long, up to a quarter of an hour."""
    assert [30, 60, 120, 240, 480, 900, 900] == [pause(30, trials) for trials in range(7)]
    assert 3600 == pause(3600, 99)
