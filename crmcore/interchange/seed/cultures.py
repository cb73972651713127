"""Where invented people and companies come from: names, places and words of one culture, drawn at random."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

__all__ = ["CULTURES", "Culture", "Name", "Place", "cultures", "digits"]

CULTURES = Path(__file__).with_name("cultures.toml")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is written, and in ASCII for e-mail addresses and domains."""

    native: str
    ascii: str


@dataclass(frozen=True, slots=True)
class Place:
    """A city, its region, and a postal code with `#` for digits (empty where there are none)."""

    city: Name
    region: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Culture:
    """One table of `cultures.toml`; see the comment there.

    Attributes:

        locale: BCP 47 tag, the table's name.
        trades: what companies do: native word to industry.
    """

    locale: str
    weight: int
    country: str
    currency: str
    order: str
    zones: Sequence[str]
    female: Sequence[Name]
    male: Sequence[Name]
    family: Sequence[Name]
    places: Sequence[Place]
    streets: Sequence[str]
    phone: str
    mobile: str
    forms: Sequence[str]
    words: Sequence[Name]
    trades: Mapping[str, str]
    jobs: Sequence[str]
    messages: Sequence[str]

    def company(self, random: Random, place: Place) -> tuple[str, str, str]:
        """Invent a company: its name, a domain label for it, and its industry."""
        trade, industry = random.choice(list(self.trades.items()))
        word, family = random.choice(self.words), random.choice(self.family)
        form = random.choice(self.forms)
        name = form.format(trade=trade, word=word.native, family=family.native, city=place.city.native)
        stem = word.ascii if "{word}" in form else family.ascii if "{family}" in form else place.city.ascii
        return name, _label(f"{stem}-{_ascii(trade) or industry.replace(' ', '')}"), industry


@cache
def cultures() -> tuple[Culture, ...]:
    """Read all cultures, in the file's order."""
    tables = tomllib.loads(CULTURES.read_text(encoding="utf-8"))
    return tuple(_culture(locale, table) for locale, table in tables.items())


def digits(random: Random, pattern: str) -> str:
    """Fill the `#` of a pattern with digits; the first of a run is never 0."""
    filled = ""
    for n, sign in enumerate(pattern):
        first = n == 0 or not (pattern[n - 1].isdigit() or pattern[n - 1] == "#")
        filled += sign if sign != "#" else str(random.randint(1 if first else 0, 9))
    return filled


def _culture(locale: str, table: dict[str, Any]) -> Culture:
    said: dict[str, Any] = {k: table[k] for k in ("weight", "country", "currency", "order", "phone", "mobile")}
    said |= {k: tuple(table[k]) for k in ("zones", "streets", "forms", "jobs", "messages")}
    said |= {k: tuple(map(_name, table[k].split())) for k in ("female", "male", "family", "words")}
    said["places"] = tuple(map(_place, table["cities"]))
    said["trades"] = dict(trade.split("|") for trade in table["trades"])
    return Culture(locale, **said)


def _place(text: str) -> Place:
    city, region, postal_code = text.split("|")
    return Place(_name(city), region, postal_code)


def _name(text: str) -> Name:
    native, _, ascii_ = text.partition(":")
    return Name(native, ascii_ or _label(_ascii(native)))


def _ascii(text: str) -> str:
    plain = text.replace("ß", "ss").replace("ı", "i").replace("ø", "o").replace("ł", "l")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode().lower()


def _label(text: str) -> str:
    return "".join(ch if ch.isalnum() else "-" for ch in text.lower()).strip("-").replace("--", "-")
