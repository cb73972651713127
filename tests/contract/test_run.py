"""What comes of rules, and which tier is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from crmcore.contract import run
from crmcore.contract.claims import Claims, Exempt
from crmcore.contract.report import as_json, lines_of, summary
from crmcore.contract.rule import Rule, Shortfall, Tier, Unverified
from crmcore.contract.run import Report, State, apply, check
from crmcore.contract.subject import Subject
from tests.contract.conftest import Plotted


async def kept(subject: Subject) -> AsyncIterator[Shortfall]:
    return
    yield


async def broken(subject: Subject) -> AsyncIterator[Shortfall]:
    for _ in "twice":
        yield Shortfall("The roof leaks.", "Mend it.")


async def unseen(subject: Subject) -> AsyncIterator[Shortfall]:
    msg = "It is dark."
    raise Unverified(msg)
    yield


async def raising(subject: Subject) -> AsyncIterator[Shortfall]:
    raise ZeroDivisionError
    yield


def a_rule(check: Any, tier: Tier = Tier.BRONZE) -> Rule:
    """Make a rule that is none of the catalogue."""
    return Rule(check.__name__, tier, "Roofs matter.", check)


@pytest.fixture
def subject(plotted: Plotted) -> Subject:
    """Some plugin."""
    return plotted()


def claiming(subject: Subject, **claims: Any) -> Subject:
    """Have it claim this of rules."""
    subject.claims = Claims(rules=claims)
    return subject


@pytest.mark.parametrize(
    ("check", "claims", "state"),
    [
        (kept, {}, State.OK),
        (kept, {"kept": "done"}, State.OK),
        (kept, {"kept": "todo"}, State.OK),
        (broken, {}, State.SHORT),
        (broken, {"broken": "done"}, State.SHORT),
        (broken, {"broken": "todo"}, State.TODO),
        (broken, {"broken": Exempt("We like rain.")}, State.EXEMPT),
        (unseen, {}, State.UNVERIFIED),
        (raising, {}, State.UNVERIFIED),
    ],
)
async def test_claims_are_verified(subject: Subject, check: Any, claims: Mapping[str, Any], state: State) -> None:
    """Whatever is claimed, only what was seen is so; and what is said to be to do is no surprise."""
    outcome = await apply(a_rule(check), claiming(subject, **claims))
    assert state == outcome.state
    assert outcome.state.counts == (state in (State.OK, State.EXEMPT))


async def test_a_shortfall_is_said_once(subject: Subject) -> None:
    """A rule that finds the same on two databases says it once."""
    outcome = await apply(a_rule(broken), subject)
    assert (Shortfall("The roof leaks.", "Mend it."),) == outcome.shortfalls


async def test_a_check_that_breaks_off_names_the_place(subject: Subject) -> None:
    """A stranger's code may raise anything; its author reads where, and the other rules go on."""
    outcome = await apply(a_rule(raising), subject)
    assert outcome.note is not None
    assert outcome.note.startswith("plots broke the check off: ZeroDivisionError:  (")
    assert "test_run.py:" in outcome.note


@pytest.mark.parametrize(
    ("bronze", "silver", "gold", "reached"),
    [
        (kept, kept, kept, Tier.GOLD),
        (kept, kept, unseen, Tier.SILVER),
        (kept, broken, kept, Tier.BRONZE),
        (unseen, kept, kept, None),
    ],
)
async def test_a_tier_is_reached_with_all_before_it(
    subject: Subject, monkeypatch: pytest.MonkeyPatch, bronze: Any, silver: Any, gold: Any, reached: Tier | None
) -> None:
    """What was not verified is not reached: a claim is known to be true, or it is not."""
    rules = [a_rule(check, tier) for check, tier in zip((bronze, silver, gold), Tier, strict=True)]
    monkeypatch.setattr(run, "rules_of", lambda tier: [rule for rule in rules if rule.tier <= tier])
    report = await check(subject, Tier.GOLD)
    assert (reached, reached is Tier.GOLD) == (report.reached, report.good)
    assert (await check(subject, Tier.BRONZE)).reached in (None, Tier.BRONZE)


async def test_the_report_says_what_why_and_how(subject: Subject) -> None:
    """Each of the three can be acted on by a stranger."""
    outcome = await apply(a_rule(broken), subject)
    lines = [
        "falls short  bronze  broken",
        "  The roof leaks.",
        "    -> Mend it.",
        "  Why: Roofs matter.",
    ]
    assert lines == list(lines_of(outcome))


@pytest.mark.parametrize(
    ("checks", "asked", "said"),
    [
        ([kept], Tier.BRONZE, "Plugin 'plots' is bronze."),
        ([broken], Tier.BRONZE, "Plugin 'plots' is not bronze: a rule is lacking."),
        ([broken, kept], Tier.SILVER, "Plugin 'plots' is not silver: a rule is lacking; it is not bronze either."),
        ([kept, broken, broken], Tier.GOLD, "Plugin 'plots' is not gold: 2 rules are lacking; it is bronze."),
        ([unseen], Tier.BRONZE, "Plugin 'plots' is not known to be bronze: a rule is lacking."),
        ([kept], None, "Plugin 'plots' keeps them."),
        ([kept, broken], None, "Plugin 'plots' keeps not all of them."),
    ],
)
async def test_the_last_sentence(subject: Subject, checks: list[Any], asked: Tier | None, said: str) -> None:
    """It says what the plugin is, and how much it lacks."""
    outcomes = [await apply(a_rule(one, tier), subject) for one, tier in zip(checks, Tier, strict=False)]
    assert said == summary(Report(subject, outcomes, asked))


async def test_a_program_reads_the_same(subject: Subject) -> None:
    """JSON has all that the text has."""
    report = Report(subject, [await apply(a_rule(broken), subject)], Tier.BRONZE)
    rule = {
        "name": "broken",
        "tier": "bronze",
        "state": "falls short",
        "why": "Roofs matter.",
        "shortfalls": [{"what": "The roof leaks.", "fix": "Mend it."}],
        "note": None,
    }
    plugin = {"plugin": "plots", "distribution": None, "version": None}
    assert {**plugin, "asked": "bronze", "reached": None, "good": False, "rules": [rule]} == as_json(report)
