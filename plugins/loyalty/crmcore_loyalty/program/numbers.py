"""Member numbers: nobody guesses one, and a misread one is noticed (ISO/IEC 7064, MOD 37-2 like an ISBT donation number's)."""

from __future__ import annotations

import re
import secrets

__all__ = ["check_character", "is_checked", "is_written", "make"]

#: Digits and capitals but for those that are taken for others: I and L for 1, O for 0, U for V (Crockford's base 32).
_DRAWN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: MOD 37-2 has a check character for every letter and digit and one more.
_CHECKED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_WRITTEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z*-]{2,62}[0-9A-Za-z*]")


def make() -> str:
    """Return a new number, as in 7K3M-9QXT-2HWB-V: 60 bits drawn at random and a check character."""
    drawn = "".join(secrets.choice(_DRAWN) for _ in range(12))
    return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}-{check_character(drawn)}"


def is_checked(number: str) -> bool:
    """Say whether a number that `make` has made was read without mistake; hyphens and case do not count."""
    plain = number.replace("-", "").upper()
    return len(plain) == 13 and set(plain) <= set(_CHECKED) and check_character(plain[:-1]) == plain[-1]


def is_written(number: str) -> bool:
    """Say whether something can be a number: those of cards from elsewhere are kept as they are."""
    return _WRITTEN.fullmatch(number) is not None


def check_character(plain: str) -> str:
    """Return the check character of ISO/IEC 7064 MOD 37-2: it finds each single misread and each swap of neighbours."""
    sum_ = 0
    for character in plain:
        sum_ = (sum_ + _CHECKED.index(character)) * 2 % 37
    return _CHECKED[(38 - sum_) % 37]
