"""A rule: one thing that a good plugin does, with a function that finds where a plugin falls short of it."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore.contract.subject import Subject

__all__ = ["RULES", "Check", "Rule", "Shortfall", "Tier", "Unverified", "rule"]


class Tier(IntEnum):
    """How good a plugin is; each includes those before it."""

    #: It fits.
    BRONZE = 1
    #: It is safe.
    SILVER = 2
    #: It lasts.
    GOLD = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One place where a plugin falls short of a rule.

    Attributes:

        what: what is wrong, and where: `Query.visitsToday has no description.`
        fix: what to do about it: `Give its field a description=, one sentence that says what it gives.`
    """

    what: str
    fix: str


class Unverified(Exception):
    """A rule cannot be checked here; the message says why, and what would help."""


Check = Callable[["Subject"], AsyncIterator[Shortfall]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:

        name: `every-addition-is-described`.
        tier: the lowest tier it belongs to.
        text: why there is the rule; the first paragraph is for reports, all of it for the documentation.
        check: yields where a plugin falls short; raises `Unverified` when it cannot say.
    """

    name: str
    tier: Tier
    text: str
    check: Check

    @property
    def why(self) -> str:
        """The first paragraph of its text, on one line."""
        return " ".join(self.text.split("\n\n")[0].split())

    def __str__(self) -> str:
        return self.name


#: Every rule that was defined so far; `crmcore.contract.catalogue` defines all of them.
RULES: list[Rule] = []


def rule(tier: Tier) -> Callable[[Check], Rule]:
    """Make a rule of an async generator function whose docstring says why there is the rule.

    Example:

        @rule(Tier.BRONZE)
        async def it_has_a_readme(subject: Subject) -> AsyncIterator[Shortfall]:
            \"\"\"Who finds a plugin without a README cannot know what it is for.\"\"\"
            if not subject.text_of("README.md"):
                yield Shortfall("There is no README.md.", "Write one.")
    """

    def made(check: Check) -> Rule:
        text = inspect.getdoc(check)
        assert text, f"{check} has no docstring, so nobody would know why there is the rule"
        rule = Rule(check.__name__.replace("_", "-"), tier, text, check)
        assert all(rule.name != other.name for other in RULES), f"two rules are called {rule.name}"
        RULES.append(rule)
        return rule

    return made
