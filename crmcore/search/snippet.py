"""Why a record was found: the field whose text fits best, and the part of it that holds the words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from crmcore.search.folding import fold, is_unspaced, spellings, words
from crmcore.search.terms import number

__all__ = ["found_in", "snippet"]

#: Characters of a snippet, and of them before the first word.
_LONGEST, _BEFORE = 160, 40
_ANY = re.compile(r"[^\W_]+")


def found_in(query: str, texts: Mapping[str, str | None]) -> tuple[str, str] | None:
    """Return the field in which a query was found, and the text; the first of those that fit equally well.

    Args:

        query: what was looked for.
        texts: by field; several of one field stand on lines of their own.
    """
    ways = [(_fit(query, line), place, field, line) for place, (field, line) in enumerate(_lines(texts))]
    if not ways:
        return None
    _, _, field, line = min(ways)
    return field, line


def snippet(query: str, text: str) -> str:
    """Return the part of a text around the first word of a query, with `…` where something is left out."""
    if len(text) <= _LONGEST:
        return text
    start = max(_position(query, text) - _BEFORE, 0)
    start = min(start, len(text) - _LONGEST)
    part = text[start : start + _LONGEST]
    return f"{'…' if start else ''}{part.strip()}{'…' if start + _LONGEST < len(text) else ''}"


def _lines(texts: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for field, text in texts.items():
        if text:
            lines = text.split("\n") if "." in field else [text]
            yield from ((field, line) for line in lines)


def _fit(query: str, text: str) -> int:
    """Return 0 if the text is the query, 1 if it begins with it, 2 if it has all words, more if it has less of them."""
    best = 1000
    for asked in spellings(query):
        wanted = words(asked)
        for spelling in spellings(text):
            there = words(spelling)
            if wanted == there or (_digits(asked) and _digits(asked) == _digits(spelling)):
                return 0
            if " ".join(there).startswith(" ".join(wanted)):
                best = min(best, 1)
            missing = sum(not _has(there, word) for word in wanted)
            if missing and _digits(asked) and _digits(asked).lstrip("0") in _digits(spelling):
                missing = 0
            best = min(best, 2 + missing)
    return best


def _has(there: list[str], word: str) -> bool:
    return any(word in other if is_unspaced(word) else other.startswith(word) for other in there)


def _digits(folded: str) -> str:
    return number(folded) or ""


def _position(query: str, text: str) -> int:
    wanted = [word for spelling in spellings(query) for word in words(spelling)]
    for found in _ANY.finditer(text):
        folded = fold(found[0])
        for word in wanted:
            if folded.startswith(word):
                return found.start()
            if is_unspaced(word) and word in folded:
                return found.start() + folded.index(word)
    return 0
