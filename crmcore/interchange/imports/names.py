"""Take a person's full name apart, in Western order or with the family name first."""

from __future__ import annotations

import unicodedata

__all__ = ["split_name"]

#: Small words that belong to the family name behind them.
_PARTICLES = frozenset(
    "al bin bint ben da das de degli dei del della der di do dos du el ibn la las le lo los ter ten van vom von y zu zum zur بن ابن بنت آل أبو".split()
)
#: Chinese family names of two characters, the common ones.
_TWO = frozenset(
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 尉迟 尉遲 长孙 長孫 慕容 夏侯 皇甫 东方 東方 令狐 宇文 公孙 公孫 端木 独孤 獨孤".split()
)


def split_name(full: str) -> tuple[str | None, str | None]:
    """Split a full name into given and family name.

    `Given Family`, `Given von Family` and `Family, Given` are Western; a name in Chinese characters, kana or Hangul has
    the family name first. A Japanese name without a blank between its parts cannot be split by rule: its first character
    is taken as the family name, as in Chinese.

    Returns:

        `(given, family)`; a single word is a given name.
    """
    name = " ".join(full.replace("\u3000", " ").split())
    if not name:
        return None, None
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip() or None, family.strip() or None
    words = name.split(" ")
    if _is_east_asian(name):
        return _family_first(words)
    return _family_last(words)


def _family_first(words: list[str]) -> tuple[str | None, str | None]:
    if len(words) > 1:
        return " ".join(words[1:]), words[0]
    name = words[0]
    length = 2 if name[:2] in _TWO and len(name) > 2 else 1
    return (name[length:], name[:length]) if len(name) > 1 else (name, None)


def _family_last(words: list[str]) -> tuple[str | None, str | None]:
    if len(words) == 1:
        return words[0], None
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def _is_east_asian(name: str) -> bool:
    first = unicodedata.name(name[0], "")
    return first.startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA"))
