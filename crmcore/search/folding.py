"""What texts have in common that people take for the same: capital letters, accents, widths, punctuation."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold", "is_unspaced", "spellings", "words"]

#: Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic; marks of other scripts tell words apart.
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u064b-\u0652]")
#: Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss", "ẞ": "ss"}
)
#: How German, Danish, Norwegian and Swedish names are written where there are no such letters.
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_UMLAUT = re.compile("[äöüøå]")
#: Scripts that put no blank between words, and Hangul, where what is looked for often stands within a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_ASCII_WORD = re.compile("[a-z0-9]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def fold(text: str) -> str:
    """Return a text without what does not matter: `Ｍüller` and `MULLER` become `muller`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return unicodedata.normalize("NFC", _MARKS.sub("", apart)).casefold()


def spellings(text: str) -> list[str]:
    """Return the folded ways to write a text, `muller` and `mueller` for `Müller`; seldom more than one."""
    folded = fold(text)
    if text.isascii():
        return [folded]
    composed = unicodedata.normalize("NFC", text.casefold())
    return [folded, fold(composed.translate(_TWO_LETTERS))] if _UMLAUT.search(composed) else [folded]


def words(folded: str) -> list[str]:
    """Return the words of a folded text; a run of a script without blanks counts as one."""
    return _ASCII_WORD.findall(folded) if folded.isascii() else _WORD.findall(folded)


def is_unspaced(word: str) -> bool:
    """Say whether a word is a run of a script that puts no blanks between words."""
    return _IS_UNSPACED.match(word) is not None
