"""A blind index: from a value to the token it is found by."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from crmcore_compliance.crypto import TokenKey
from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.tables.sealing import ComplianceIndexKind, ComplianceIndexState

__all__ = ["LONGEST", "PREFIX_BITS", "UNIQUE_HEX", "BlindIndex", "shortest"]

#: Bits of a token of a beginning: many values share one, so little is told by each.
PREFIX_BITS: Final = 32
#: Characters of a beginning: the fewest and the most that have a token.
_SHORTEST, LONGEST = 3, 8
#: From here on scripts say much with one character (Hangul, Kana, Han).
_DENSE: Final = "\u1100"
_WORD: Final = 64
#: Hexadecimal digits of a token of a unique key.
UNIQUE_HEX: Final = 32


@dataclass(frozen=True, slots=True)
class BlindIndex:
    """One index of a column, or of a unique key.

    Attributes:

        number: stands for it in the tables of tokens.
        field: the column's field id, or the unique index's name.
        kind: what it finds.
        version: grows when it is made anew.
        state: what it is good for.
        bits: how many bits of tokens are kept.
        normaliser: name of the form in which values are compared.
        normalise: that form.
        key: of its tokens.
    """

    number: int
    field: str
    kind: ComplianceIndexKind
    version: int
    state: ComplianceIndexState
    bits: int
    normaliser: str
    normalise: Callable[[str], str] = dataclasses.field(repr=False, compare=False)
    key: TokenKey = dataclasses.field(repr=False, compare=False)

    def token(self, form: str) -> int:
        """Return the token of a normalised value."""
        return int.from_bytes(self.key.whole(form.encode())[: _WORD // 8], "big") >> (_WORD - self.bits)

    def tokens(self, text: str) -> list[int]:
        """Return the tokens under which a value is kept."""
        form = self.normalise(text)
        if self.kind is ComplianceIndexKind.PREFIX:
            return [self.token(beginning) for beginning in _beginnings(form)]
        return [self.token(form)]

    def unique(self, parts: list[str]) -> str:
        """Return the token of a unique key's values."""
        return self.key.token(joined(*(part.encode() for part in parts))).hex()[:UNIQUE_HEX]


def shortest(form: str) -> int:
    """Return how many characters a beginning must have to be found."""
    return 1 if form[:1] >= _DENSE else _SHORTEST


def _beginnings(form: str) -> Iterator[str]:
    for length in range(shortest(form), min(len(form), LONGEST) + 1):
        yield form[:length]
