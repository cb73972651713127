"""What personal data stand in free text: addresses, telephone and identity numbers, by libraries that know their check digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

import email_validator
import phonenumbers
from stdnum import iban, luhn
from stdnum.cn import ric, uscc
from stdnum.us import ssn

__all__ = ["Finding", "presidio", "scan"]

_EMAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_RUN: Final = re.compile(r"(?<![\w@.])[A-Z0-9](?:[ -]?[A-Z0-9]){7,33}(?![\w@])", re.IGNORECASE)
_IP: Final = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w.:])", re.IGNORECASE
)
#: How long cards' numbers are, by their first digit (ISO/IEC 7812).
_CARDS: Final = {"3": (14, 15, 16), "4": (13, 16, 19), "5": (16,), "6": (16, 17, 18, 19)}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something in a text.

    Attributes:

        start, end: where, in code points.
        category: of personal data.
        kind: what it was recognised as.
    """

    start: int
    end: int
    category: str
    kind: str


#: What else looks for findings: given the text, it gives them.
Recogniser = Callable[[str], Iterator[Finding]]


def scan(text: str, region: str = "", more: Recogniser | None = None) -> list[Finding]:
    """Return what was found, in order, none overlapping another: the longer counts.

    Args:

        text: any text.
        region: country of telephone numbers without one, as in `CN`.
        more: another recogniser, `presidio()` for example.
    """
    found = [*_emails(text), *_numbers(text), *_phones(text, region), *_addresses(text), *(more(text) if more else ())]
    kept: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.start - f.end, _RANK.get(f.kind, 0), f.start)):
        if all(one.end <= other.start or one.start >= other.end for other in kept):
            kept.append(one)
    return sorted(kept)


def presidio(language: str = "en") -> Recogniser:
    """Return Presidio as a recogniser of names and places; it needs the extra `scan` and a model of the language.

    Raises:

        ImportError: the extra is not installed.
    """
    # Heavy, and an extra.
    from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found,unused-ignore]

    engine: Any = AnalyzerEngine()

    def recognise(text: str) -> Iterator[Finding]:
        for one in engine.analyze(text=text, language=language):
            category = _PRESIDIO.get(one.entity_type)
            if category is not None:
                yield Finding(one.start, one.end, category, one.entity_type)

    return recognise


def _emails(text: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(text):
        try:
            email_validator.validate_email(match[0], check_deliverability=False, test_environment=True)
        except email_validator.EmailNotValidError:
            continue
        yield Finding(match.start(), match.end(), "user.contact.email", "EMAIL")


def _phones(text: str, region: str) -> Iterator[Finding]:
    for match in phonenumbers.PhoneNumberMatcher(text, region or None):
        yield Finding(match.start, match.end, "user.contact.phone_number", "PHONE")


def _numbers(text: str) -> Iterator[Finding]:
    for match in _RUN.finditer(text):
        # A number may stand among others: what a run begins with is looked at, word by word.
        words = re.split(r"[ -]", match[0])
        for first in range(len(words)):
            for last in range(len(words), first, -1):
                start = match.start() + len(" ".join(words[:first])) + (1 if first else 0)
                end = match.start() + len(" ".join(words[:last]))
                if (kind := _kind(re.sub(r"[ -]", "", text[start:end]))) is not None:
                    yield Finding(start, end, *kind)


def _kind(number: str) -> tuple[str, str] | None:
    upper = number.upper()
    if ric.is_valid(upper):
        return "user.government_id", "CN_RESIDENT_ID"
    if upper[:2].isalpha() and iban.is_valid(upper):
        return "user.financial.bank_account", "IBAN"
    if not upper.isdigit() and uscc.is_valid(upper):
        return "user.government_id", "CN_SOCIAL_CREDIT_CODE"
    if upper.isdigit() and len(upper) in _CARDS.get(upper[0], ()) and luhn.is_valid(upper):
        return "user.financial.credit_card", "PAYMENT_CARD"
    if upper.isdigit() and len(upper) == 9 and ssn.is_valid(upper):
        return "user.government_id", "US_SSN"
    return None


def _addresses(text: str) -> Iterator[Finding]:
    for match in _IP.finditer(text):
        try:
            ip_address(match[0])
        except ValueError:
            continue
        yield Finding(match.start(), match.end(), "user.device.ip_address", "IP_ADDRESS")


#: What wins where two readings are equally long: check digits before shapes.
_RANK: Final = {
    "CN_RESIDENT_ID": -3,
    "IBAN": -3,
    "PAYMENT_CARD": -2,
    "CN_SOCIAL_CREDIT_CODE": -2,
    "EMAIL": -2,
    "US_SSN": 1,
}
_PRESIDIO: Final = {
    "PERSON": "user.name",
    "LOCATION": "user.location",
    "NRP": "user.demographic",
    "DATE_TIME": "user.demographic.date_of_birth",
    "MEDICAL_LICENSE": "user.government_id",
    "US_PASSPORT": "user.government_id",
    "UK_NHS": "user.health_and_medical",
}
