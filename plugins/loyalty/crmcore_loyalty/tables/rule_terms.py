"""The closed sets by which a rule says what it means."""

from __future__ import annotations

from enum import Enum

__all__ = [
    "LoyaltyRuleBase",
    "LoyaltyRuleCalendar",
    "LoyaltyRuleEffect",
    "LoyaltyRulePeriod",
    "LoyaltyRuleRecipient",
    "LoyaltyRuleRounding",
    "LoyaltyRuleStacking",
    "LoyaltyRuleStatus",
    "LoyaltyRuleTrigger",
]


class LoyaltyRuleStatus(Enum):
    """Where a revision of a rule stands."""

    DRAFT = "It is being written; nothing earns by it."
    PUBLISHED = "Members earn by it; it is never changed."
    RETIRED = "Members earned by it; it is never changed."


class LoyaltyRuleTrigger(Enum):
    """What a rule is about."""

    ORDER = "An order, as a whole."
    ORDER_LINE = "Each line of an order: items, categories."
    VISIT = "A visit, which is the activity VISIT."
    ACTION = "An activity of any name: a review, an answer, a check-in."
    REFERRAL = "The first order of a member whom another one brought."
    SIGN_UP = "Somebody joins the program."
    BIRTHDAY = "A member's birthday, once a year."
    HOLIDAY = "A day of the year, by the Gregorian or the Chinese calendar."


class LoyaltyRuleEffect(Enum):
    """How many points a rule gives."""

    FIXED = "So many."
    PER_AMOUNT = "So many for each so much money."
    MULTIPLY = "So many times what the other rules give."


class LoyaltyRuleBase(Enum):
    """Which money PER_AMOUNT counts."""

    TOTAL = "What is to be paid, tax and shipping included."
    GOODS = "What is to be paid for the lines, tax included, shipping not."
    NET = "What is to be paid for the lines, without tax and shipping."


class LoyaltyRuleRounding(Enum):
    """What becomes of a part of a point."""

    DOWN = "It is left out."
    UP = "It counts as a whole one."
    HALF_UP = "From a half on it counts as a whole one."
    HALF_EVEN = "Half a point goes to the even neighbour."


class LoyaltyRuleStacking(Enum):
    """How a rule goes together with others that match, in the same points for the same member."""

    ADDITIVE = "What they give is added up."
    BEST_OF = "Of those that say so only the one that gives most counts."
    MULTIPLICATIVE = "Of MULTIPLY: its factor multiplies the others'."
    EXCLUSIVE = "It alone counts, by the greatest priority; all others give nothing."


class LoyaltyRulePeriod(Enum):
    """For how long a limit is counted, in the program's time zone."""

    DAY = "A calendar day."
    WEEK = "A week from Monday to Sunday (ISO 8601)."
    MONTH = "A calendar month."
    YEAR = "A calendar year."
    EVER = "All time."


class LoyaltyRuleRecipient(Enum):
    """Who gets the points."""

    MEMBER = "The member who did it."
    REFERRER = "The member who brought that one."


class LoyaltyRuleCalendar(Enum):
    """By which calendar days of a year are found."""

    GREGORIAN = "The common one."
    CHINESE = "The Chinese lunar one (GB/T 33661), from 1900 to 2100."
