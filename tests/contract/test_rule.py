"""What a rule is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from crmcore.contract import rule as rules
from crmcore.contract.catalogue import all_rules, rules_of
from crmcore.contract.rule import RULES, Shortfall, Tier, rule
from crmcore.contract.subject import Subject


@pytest.fixture
def own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules of this test stay in it."""
    monkeypatch.setattr(rules, "RULES", [])


async def nothing_is_wrong(subject: Subject) -> AsyncIterator[Shortfall]:
    """Things break.

    More of it.
    """
    return
    yield


@pytest.mark.usefixtures("own_rules")
def test_a_rule_is_named_after_its_function() -> None:
    """Underscores become dashes, and the first paragraph of the docstring says why there is the rule."""
    made = rule(Tier.SILVER)(nothing_is_wrong)
    assert ("nothing-is-wrong", Tier.SILVER, "Things break.") == (made.name, made.tier, made.why)


@pytest.mark.usefixtures("own_rules")
def test_a_rule_says_why() -> None:
    """A function without a docstring makes no rule."""

    async def silent(subject: Subject) -> AsyncIterator[Shortfall]:
        return
        yield

    with pytest.raises(AssertionError, match="has no docstring"):
        rule(Tier.BRONZE)(silent)


@pytest.mark.usefixtures("own_rules")
def test_rules_have_different_names() -> None:
    """A second rule of a name is refused."""
    rule(Tier.BRONZE)(nothing_is_wrong)
    with pytest.raises(AssertionError, match="two rules are called nothing-is-wrong"):
        rule(Tier.GOLD)(nothing_is_wrong)


def test_rules_are_sorted_by_tier() -> None:
    """Bronze comes before silver before gold, whoever was imported first."""
    tiers = [each.tier for each in all_rules()]
    assert sorted(tiers) == tiers
    assert len(RULES) == len(tiers)


def test_a_tier_includes_those_before_it() -> None:
    """Who is to be silver keeps the rules of bronze."""
    assert {Tier.BRONZE} == {each.tier for each in rules_of(Tier.BRONZE)}
    assert {each.name for each in rules_of(Tier.BRONZE)} <= {each.name for each in rules_of(Tier.GOLD)}
    assert all_rules() == rules_of(Tier.GOLD)


@pytest.mark.parametrize("each", all_rules(), ids=str)
def test_the_first_paragraph_is_a_sentence(each: rules.Rule) -> None:
    """It is printed after "Why:", so it ends in a full stop and is short."""
    assert each.why.endswith((".", "?"))
    assert len(each.why) < 250
