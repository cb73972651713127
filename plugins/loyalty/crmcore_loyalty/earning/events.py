"""What members do, and rules that change."""

from __future__ import annotations

from crmcore import Created, Updated

__all__ = ["LoyaltyActivityCreated", "LoyaltyRuleUpdated"]


class LoyaltyActivityCreated(Created, of="loyalty_activity"):
    """A member did something."""


class LoyaltyRuleUpdated(Updated, of="loyalty_rule"):
    """A rule was written, published or retired."""
