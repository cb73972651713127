"""How a person's names are put together: in the order of their language, and with blanks only where they belong."""

from __future__ import annotations

import unicodedata

__all__ = ["full_name"]

#: Languages (BCP 47 primary subtags) that put the family's name first.
_FAMILY_FIRST = frozenset({"hu", "ja", "ko", "vi", "zh", "yue", "cmn"})
_CJK = ("CJK ", "HANGUL", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA")


def full_name(given: str | None, middle: str | None, family: str | None, locale: str | None) -> str:
    """Put a person's names together as they are said.

    The family's name comes first in Chinese, Japanese, Korean, Vietnamese and Hungarian: by `locale`, or because the
    names are written in Chinese characters, kana or hangul. Names in those scripts follow each other without a blank.

    Args:

        given, middle, family: the names; empty ones are left out.
        locale: BCP 47 tag, None if unknown.

    Returns:

        The name, empty if there are no names.
    """
    given, middle, family = given or "", middle or "", family or ""
    first_to_last = (given, middle, family)
    ordered = reversed(first_to_last) if _family_first(given + family, locale) else first_to_last
    said = ""
    for name in filter(None, ordered):
        close = not said or (_cjk(said[-1]) and _cjk(name[0]))
        said += name if close else f" {name}"
    return said


def _family_first(names: str, locale: str | None) -> bool:
    if any(map(_cjk, names)):
        return True
    return locale is not None and locale.replace("_", "-").split("-")[0].lower() in _FAMILY_FIRST


def _cjk(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_CJK)
