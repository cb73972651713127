"""Every rule there is, in the order in which they are reported."""

from __future__ import annotations

import crmcore.contract.bronze
import crmcore.contract.gold
import crmcore.contract.silver  # noqa: F401 - importing defines the rules
from crmcore.contract.rule import RULES, Rule, Tier

__all__ = ["all_rules", "rules_of"]


def all_rules() -> list[Rule]:
    """Return the rules by tier, and within one as they were defined."""
    return sorted(RULES, key=lambda rule: rule.tier)


def rules_of(tier: Tier) -> list[Rule]:
    """Return the rules that a plugin of a tier keeps: the tier's, and those of the tiers before it."""
    return [rule for rule in all_rules() if rule.tier <= tier]
