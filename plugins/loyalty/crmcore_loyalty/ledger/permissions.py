"""Each way of moving points is a right of its own, besides that to reach the member."""

from __future__ import annotations

from crmcore import Permission

__all__ = ["ACCRUE", "ADJUST", "MERGE", "PERMISSIONS", "REDEEM", "REVERSE", "TRANSFER"]

ACCRUE = "loyalty.accrue"
REDEEM = "loyalty.redeem"
REVERSE = "loyalty.reverse"
ADJUST = "loyalty.adjust"
TRANSFER = "loyalty.transfer"
MERGE = "loyalty.merge"

PERMISSIONS = (
    Permission(ACCRUE, "Let members earn points, and say whether pending ones come."),
    Permission(REDEEM, "Spend members' points, set them aside, and give back what was set aside."),
    Permission(REVERSE, "Undo what was earned or spent."),
    Permission(ADJUST, "Correct a member's points by hand."),
    Permission(TRANSFER, "Give one member's points to another."),
    Permission(MERGE, "Let a member go on as another one."),
)
