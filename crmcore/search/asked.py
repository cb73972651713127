"""What somebody looks for, as three questions to the index: texts that are it, begin with it, contain its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest

from crmcore.search.folding import fold, is_unspaced, spellings, words
from crmcore.search.terms import BEGINNING, END, GAP, HEAD, LONGEST, LONGEST_HEAD, SHORT, WORD, number

__all__ = ["POSTGRESQL", "SQLITE", "Asked", "Language", "Mark", "asked"]

#: Words that count.
_MOST_WORDS = 12
_LONGEST_SHORT = 3


@dataclass(frozen=True, slots=True)
class Language:
    """How a database's index is asked.

    Attributes:

        term: from a term without its mark's column, and whether longer terms that begin so count, to a condition.
        every, some: what stands between conditions.
        but: between a condition and one that must not hold.
    """

    term: Callable[[str, bool], str]
    every: str
    some: str
    but: str

    @property
    def never(self) -> str:
        """A question that no text answers."""
        return self.term(END, False)

    def all(self, conditions: Iterable[str]) -> str:
        """Return the condition that all hold."""
        return f"({self.every.join(conditions)})"

    def any(self, conditions: Iterable[str]) -> str:
        """Return the condition that one holds."""
        return f"({self.some.join(dict.fromkeys(conditions))})"


# Terms consist of letters, digits and two private characters, so nothing in them can end a quotation.
POSTGRESQL = Language(lambda term, more: f"'{term}'{':*' if more else ''}", " & ", " | ", " & !")
SQLITE = Language(lambda term, more: f'"{term}"{" *" if more else ""}', " AND ", " OR ", " NOT ")


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a column, and whether it holds prose."""

    text: str
    prose: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The three questions, best first; no text is an answer to two of them."""

    exact: str
    beginning: str
    containing: str


@lru_cache(512)
def asked(query: str, marks: tuple[Mark, ...], language: Language) -> Asked:
    """Ask for a text in some columns.

    Args:

        query: what somebody typed, any text.
        marks: of the columns.
        language: of the database.
    """
    found = [part for spelling in spellings(query) if (part := words(spelling)[:_MOST_WORDS])]
    if not found or not marks:
        return Asked(language.never, language.never, language.never)
    question = _Question(marks, language)
    digits = _numbers(query)
    ways = [language.all(language.any(map(question.word, same)) for same in _aligned(found))]
    containing = language.any([*ways, *map(question.word, digits)])
    if not question.names:
        return Asked(language.never, language.never, containing)
    heads = list(dict.fromkeys([*map(GAP.join, found), *digits]))
    exact = language.any(question.beginning(head, whole=True) for head in heads)
    beginning = language.any(map(question.beginning, heads))
    return Asked(exact, f"{beginning}{language.but}{exact}", f"{containing}{language.but}{beginning}")


def _aligned(found: Sequence[list[str]]) -> list[set[str]]:
    """Return for each word the ways to write it."""
    return [{word for word in same if word is not None} for same in zip_longest(*found)]


def _numbers(query: str) -> list[str]:
    """Return the digits of a telephone number as they were typed, and without the zeros that stand for a country."""
    digits = number(fold(query))
    return [] if digits is None else [d for d in dict.fromkeys([digits, digits.lstrip("0")]) if d]


@dataclass(frozen=True, slots=True)
class _Question:
    marks: tuple[Mark, ...]
    language: Language

    @property
    def names(self) -> list[Mark]:
        return [mark for mark in self.marks if not mark.prose]

    def word(self, word: str) -> str:
        if is_unspaced(word):
            pairs = [f"{one}{other}" for one, other in pairwise(word)] or [word]
            return self.language.all(self._some(self.marks, WORD, pair) for pair in pairs)
        if len(word) == 1:
            return self._some(self.marks, WORD, word)
        if len(word) > _LONGEST_SHORT:
            return self._some(self.marks, WORD, word[:LONGEST], more=len(word) < LONGEST)
        # So short a beginning is looked for in names only: in prose nearly every one is.
        return self.language.any(
            self.language.term(f"{mark.text}{WORD if mark.prose else SHORT}{word}", False) for mark in self.marks
        )

    def beginning(self, head: str, *, whole: bool = False) -> str:
        if whole:
            return self._some(self.names, HEAD, f"{head[:LONGEST_HEAD]}{END}")
        if len(head) == 1 and not is_unspaced(head):
            # One letter is looked for as a word: what merely begins with it is nearly everything.
            ways = [self._some(self.names, HEAD, f"{head}{END}"), self._some(self.names, BEGINNING, f"{head}{GAP}")]
            return self.language.any(ways)
        if len(head) <= _LONGEST_SHORT:
            return self._some(self.names, BEGINNING, head)
        return self._some(self.names, HEAD, head[:LONGEST_HEAD], more=True)

    def _some(self, marks: Iterable[Mark], what: str, text: str, *, more: bool = False) -> str:
        return self.language.any(self.language.term(f"{mark.text}{what}{text}", more) for mark in marks)
