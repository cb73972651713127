"""The terms under which a text is found: its words, its beginning, and the pairs of signs of scripts without blanks.

A term is the mark of the column, a letter for what it is, and characters of the text. Terms of few characters stand beside
the longer ones they begin, because to gather all terms with a short beginning takes a database far longer than to find one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from itertools import pairwise

from crmcore.search.folding import is_unspaced, spellings, words

__all__ = ["BEGINNING", "END", "GAP", "HEAD", "LONGEST", "LONGEST_HEAD", "SHORT", "WORD", "mark", "number", "terms"]

#: What a term is: a word, the first two or three characters of one, the text's beginning, the first three characters of it.
WORD, SHORT, HEAD, BEGINNING = "wshb"
#: In a text's beginning: between two words, and after the last one if the text ends there.
GAP, END = "\ue000", "\ue001"
#: Characters of a word and of a beginning that count.
LONGEST, LONGEST_HEAD = 40, 60
#: Characters of a text that count.
_READ = 20_000
_NUMBER = re.compile(r"[\d\s()+./\-]{5,40}")
_FEWEST_DIGITS = 3


@cache
def mark(entity: str, column: str) -> str:
    """Return the six characters with which all terms of a column begin."""
    digest = int.from_bytes(blake2b(f"{entity}.{column}".encode(), digest_size=4).digest())
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[digest >> 5 * place & 31] for place in range(6))


def number(folded: str) -> str | None:
    """Return the digits of what people write like a telephone number, None if it is something else."""
    folded = folded.strip()
    # The zero in brackets is dialled at home and left out from abroad: it is no part of the number.
    digits = "".join(words(folded.replace("(0)", ""))) if _NUMBER.fullmatch(folded) else ""
    return digits if len(digits) >= _FEWEST_DIGITS else None


def terms(mark: str, text: str, *, prose: bool = False) -> set[str]:
    """Return the terms of a column's text.

    Args:

        mark: the column's.
        text: as it is stored.
        prose: whether it is written in sentences: then its words count alone.
    """
    found: set[str] = set()
    for spelling in spellings(text[:_READ]):
        digits = None if prose else number(spelling)
        parts = words(spelling) if digits is None else [digits]
        unspaced = () if spelling.isascii() else set(filter(is_unspaced, parts))
        if unspaced:
            found |= _of_runs(mark, unspaced)
        word_, short = mark + WORD, mark + SHORT
        for word in set(parts).difference(unspaced):
            found.add(word_ + word[:LONGEST])
            if not prose and len(word) > 1:
                found.add(short + word[:2])
                found.add(short + word[:3])
        if digits is not None:
            # People know the end of a number, or all but the codes before it.
            found.update([mark + WORD + digits[start:] for start in range(1, len(digits) - _FEWEST_DIGITS + 1)])
        if parts and not prose:
            found |= _of_beginning(mark, GAP.join(parts[:LONGEST_HEAD]))
    return found


def _of_runs(mark: str, runs: Iterable[str]) -> set[str]:
    word = mark + WORD
    signs = {word + sign for run in runs for sign in run}
    return signs.union(word + one + other for run in runs for one, other in pairwise(run))


def _of_beginning(mark: str, head: str) -> set[str]:
    end = END if len(head) <= LONGEST_HEAD else ""
    begins = mark + BEGINNING
    return {f"{mark}{HEAD}{head[:LONGEST_HEAD]}{end}", begins + head[:1], begins + head[:2], begins + head[:3]}
