"""Invent a person of a culture: names, mailbox, and the numbers they answer."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from crmcore.customers.actions.names import full_name
from crmcore.interchange.seed.cultures import Culture

__all__ = ["Person", "person"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist.

    Attributes:

        mailbox: the part of their e-mail addresses before the @, ASCII.
        full_name: as it is said in their language.
    """

    given: str
    family: str
    female: bool
    mailbox: str
    full_name: str


def person(random: Random, culture: Culture) -> Person:
    """Invent somebody."""
    female = random.random() < 0.5
    given, family = random.choice(culture.female if female else culture.male), random.choice(culture.family)
    first, second = (family, given) if culture.order == "family" else (given, family)
    said = full_name(given.native, None, family.native, culture.locale)
    return Person(given.native, family.native, female, f"{first.ascii}.{second.ascii}", said)
