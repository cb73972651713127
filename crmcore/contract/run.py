"""Applying rules to a plugin: what came of each, and which tier is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from crmcore.contract.catalogue import all_rules, rules_of
from crmcore.contract.rule import Rule, Shortfall, Tier, Unverified
from crmcore.contract.subject import Subject
from crmcore.plugins.plugin import failure

__all__ = ["Outcome", "Report", "State", "apply", "check", "known"]


class State(Enum):
    """What came of a rule."""

    OK = "ok"
    #: It falls short, whether or not it is claimed to be done.
    SHORT = "falls short"
    #: It falls short, and `quality.toml` says so itself.
    TODO = "to do"
    #: It does not apply, says `quality.toml`.
    EXEMPT = "exempt"
    #: It could not be checked here.
    UNVERIFIED = "not verified"

    @property
    def counts(self) -> bool:
        """Whether the rule's tier is reached as far as it is concerned."""
        return self in (State.OK, State.EXEMPT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one rule.

    Attributes:

        rule: which.
        state: what.
        shortfalls: where the plugin falls short.
        note: why it is exempt, or why it was not verified.
    """

    rule: Rule
    state: State
    shortfalls: tuple[Shortfall, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of all rules that were asked about.

    Attributes:

        subject: the plugin.
        outcomes: in the rules' order.
        asked: the tier that was asked about; None where single rules were.
    """

    subject: Subject
    outcomes: Sequence[Outcome]
    asked: Tier | None

    @property
    def reached(self) -> Tier | None:
        """The highest tier whose rules, and those before it, are all kept; None: not even bronze, or nobody asked."""
        reached = None
        for tier in Tier if self.asked else ():
            if tier > (self.asked or 0) or not all(o.state.counts for o in self.outcomes if o.rule.tier <= tier):
                break
            reached = tier
        return reached

    @property
    def good(self) -> bool:
        """Whether everything that was asked about is so."""
        return all(outcome.state.counts for outcome in self.outcomes)


async def check(
    subject: Subject, tier: Tier, only: Iterable[Rule] = (), told: Callable[[Outcome], None] | None = None
) -> Report:
    """Apply the rules of a tier, and of those before it.

    Args:

        subject: the plugin.
        tier: the tier that is asked about.
        only: rules to apply instead.
        told: called after each rule.
    """
    single = list(only)
    outcomes = []
    for rule in single or rules_of(tier):
        outcomes.append(await apply(rule, subject))
        if told:
            told(outcomes[-1])
    return Report(subject, outcomes, None if single else tier)


async def apply(rule: Rule, subject: Subject) -> Outcome:
    """Apply one rule."""
    if exempt := subject.claims.exempt(rule.name):
        return Outcome(rule, State.EXEMPT, note=exempt.reason)
    found: list[Shortfall] = []
    note = None
    try:
        async for shortfall in rule.check(subject):
            found.append(shortfall)
    except Unverified as why:
        note = str(why)
    except Exception as error:  # a stranger's code may raise anything anywhere; that is said, and counts
        note = f"{subject.name} broke the check off: {failure(error)}."
    if found:
        state = State.TODO if subject.claims.rules.get(rule.name) == "todo" else State.SHORT
        return Outcome(rule, state, tuple(dict.fromkeys(found)), note)
    return Outcome(rule, State.UNVERIFIED if note else State.OK, note=note)


def known(name: str) -> Rule | None:
    """Return a rule by name."""
    return next((rule for rule in all_rules() if rule.name == name), None)
