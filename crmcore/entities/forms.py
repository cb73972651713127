"""How texts are cleaned and checked when they are written, by the `form` their column names."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from crmcore.database.money import CURRENCIES

__all__ = ["COUNTRIES", "FORMS", "clean", "plain"]

#: ISO 3166-1 alpha-2, officially assigned.
COUNTRIES = frozenset(
    (
        "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
        "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
        "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
        "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
        "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
        "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
        "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
    ).split()
)

_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|\d{3}))?(-[A-Za-z0-9]{4,8})*")
_EMAIL = re.compile(r"[^\s@\x00-\x1f]{1,64}@[^\s@\x00-\x1f.]+(\.[^\s@\x00-\x1f.]+)+")


def _text(value: str) -> str:
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def _line(value: str) -> str:
    # Line and paragraph separators count as blanks; other control characters have no place in a name.
    cleaned = " ".join(_text(value).split())
    if not (cleaned.isascii() and cleaned.isprintable()) and any(unicodedata.category(ch) == "Cc" for ch in cleaned):
        msg = "contains control characters; remove them."
        raise ValueError(msg)
    return cleaned


def _email(value: str) -> str:
    cleaned = _line(value)
    if not _EMAIL.fullmatch(cleaned):
        msg = f"{cleaned[:80]!r} is not an e-mail address; write for example ana@example.com."
        raise ValueError(msg)
    return cleaned


def _login(value: str) -> str:
    return _email(value).lower()


def _member(known: frozenset[str], what: str, example: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        cleaned = value.strip().upper()
        if cleaned not in known:
            msg = f"{value[:20]!r} is not {what}; use for example {example}."
            raise ValueError(msg)
        return cleaned

    return check


def _locale(value: str) -> str:
    cleaned = value.strip().replace("_", "-")
    if not _LOCALE.fullmatch(cleaned):
        msg = f"{value[:40]!r} is not a BCP 47 language tag; use for example en, de-AT or zh-Hans-CN."
        raise ValueError(msg)
    return cleaned


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(value: str) -> str:
    cleaned = value.strip()
    if cleaned not in _zones():
        msg = f"{value[:60]!r} is not an IANA time zone; use for example Europe/Vienna or Asia/Shanghai."
        raise ValueError(msg)
    return cleaned


def _url(value: str) -> str:
    cleaned = _line(value)
    parts = urlsplit(cleaned)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"{cleaned[:80]!r} is not a web address; write for example https://example.com."
        raise ValueError(msg)
    return cleaned


#: Each form takes a text and gives the text to store, or raises ValueError with a sentence that ends it.
FORMS: dict[str, Callable[[str], str]] = {
    "text": _text,
    "line": _line,
    "email": _email,
    "login": _login,
    "country": _member(COUNTRIES, "an ISO 3166-1 country code", "DE, CN or US"),
    "currency": _member(CURRENCIES, "an ISO 4217 currency code", "EUR, CNY or USD"),
    "locale": _locale,
    "timezone": _timezone,
    "url": _url,
}


#: What is left of those where only printable ASCII is in it.
_PRINTABLE: dict[str, Callable[[str], str]] = {"text": str, "line": lambda value: " ".join(value.split())}


def plain(form: str, longest: int | None) -> Callable[[Any], bool]:
    """Return what says of a value that it is a text of the form `text` or `line`, not empty, as it would be stored."""
    most = sys.maxsize if longest is None else longest
    if form == "text":
        return lambda value: type(value) is str and 0 < len(value) <= most and value.isascii() and value.isprintable()

    def is_line(value: Any) -> bool:
        if type(value) is not str or not 0 < len(value) <= most:
            return False
        # The only blank that is printable ASCII is the usual one.
        return value.isascii() and value.isprintable() and value[0] != " " and value[-1] != " " and "  " not in value

    return is_line


def clean(form: str, value: str) -> str:
    """Clean a text by a form.

    Raises:

        ValueError: the text does not fit the form, holds a NUL, or is not valid Unicode.
    """
    if (
        value.isascii() and value.isprintable()
    ):  # almost every text; nothing but blanks can be amiss, and only in a line
        known = _PRINTABLE.get(form)
        if known is not None:
            return known(value)
    if "\x00" in value:
        msg = "contains the character U+0000, which PostgreSQL cannot store; remove it."
        raise ValueError(msg)
    if not value.isascii() and any("\ud800" <= ch <= "\udfff" for ch in value):
        msg = "contains half a surrogate pair, so it is not valid Unicode."
        raise ValueError(msg)
    return FORMS[form](value)
