"""The values that many bind to one statement as one JSON document, which PostgreSQL reads as rows of `crm_given`."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from operator import attrgetter, itemgetter
from typing import Any
from uuid import UUID

import msgspec

from crmcore.database.connection import Params
from crmcore.database.postgresql.placeholders import GIVEN, PLAIN, placed, typed

__all__ = ["Documents"]

#: Of numbers JSON has only those that are finite; `Decimal`'s are `numeric`.
_FRACTIONS = frozenset(("float4", "float8", "numeric"))
#: A text can be made of anything, and JSON's of true is another one than PostgreSQL's.
_TEXTS, _TEXT_KINDS = frozenset(("text", "varchar")), frozenset((str, type(None)))


class Documents:
    """What many bind to one statement: a document of all their values, and what is the same for all.

    Put together by one function in C, where a list for each parameter takes one for each of them.

    Args:

        types: of the parameters of one, as asyncpg names them.
    """

    def __init__(self, types: Sequence[str]) -> None:
        self._types = types
        self._own = [place for place, name in enumerate(types) if not name.endswith("[]")]
        self._arrays = [place for place, name in enumerate(types) if name.endswith("[]")]
        self._instants = [place for place, name in enumerate(types) if name == "timestamptz"]
        self._fractions = [place for place, name in enumerate(types) if name in _FRACTIONS]
        self._texts = [place for place, name in enumerate(types) if typed(name) in _TEXTS]
        fields = [(f"v{place + 1}", Any, None) for place in self._own]
        self._row = msgspec.defstruct("Row", fields, omit_defaults=True, gc=False)
        self._encoder = msgspec.json.Encoder(enc_hook=_other)

    @property
    def shares(self) -> bool:
        """Whether something must be the same for all."""
        return bool(self._arrays)

    @property
    def possible(self) -> bool:
        """Whether there are rows, and documents can hold them."""
        return bool(self._own) and all(
            typed(name) is not None and (not name.endswith("[]") or name.removesuffix("[]") in PLAIN)
            for name in self._types
        )

    @property
    def rows(self) -> str:
        """What stands behind `from`: rows `crm_given` with the columns `v1`, ..., and `n`, their number from 1 on."""
        columns = ", ".join(f"v{place + 1} {typed(self._types[place])}" for place in self._own)
        names = ", ".join(f"v{place + 1}" for place in self._own)
        return f"rows from (json_to_recordset($1::text::json) as ({columns})) with ordinality {GIVEN}({names}, n)"

    def over(self, sql: str) -> str:
        """Return a statement, or a part of one, with the rows' columns in place of placeholders."""
        arrays = {place + 1: number for number, place in enumerate(self._arrays, 2)}
        return placed(sql, self._types, arrays)

    def same(self, params: Params) -> Hashable:
        """Return what must be the same for all."""
        return tuple([None if (value := params[place]) is None else tuple(value) for place in self._arrays])

    def written(self, asked: Sequence[Params]) -> list[Any]:
        """Return what is bound for all.

        Raises:

            ValueError: an instant is naive, or a number not finite.
            TypeError, UnicodeEncodeError, OverflowError: a value is of no type that a document has, or no text, or too large.
        """
        for place in self._instants:
            if None in set(map(_zone, filter(None, map(itemgetter(place), asked)))):
                msg = f"The instant bound to ${place + 1} has no time zone."
                raise ValueError(msg)
        for place in self._fractions:
            if not all(map(math.isfinite, filter(None, map(itemgetter(place), asked)))):
                msg = f"The number bound to ${place + 1} is not finite."
                raise ValueError(msg)
        for place in self._texts:
            if not _TEXT_KINDS.issuperset(map(type, map(itemgetter(place), asked))):
                msg = f"What is bound to ${place + 1} is no text."
                raise TypeError(msg)
        row, own = self._row, itemgetter(*self._own, self._own[0])  # of one place it would give no tuple
        rows = [row(*own(params)[:-1]) for params in asked] if self._arrays else [row(*params) for params in asked]
        return [self._encoder.encode(rows).decode(), *[asked[0][place] for place in self._arrays]]


_zone = attrgetter("tzinfo")


def _other(value: Any) -> str:
    if isinstance(value, UUID):  # asyncpg's own
        return str(value)
    msg = f"A {type(value).__name__} is no value of a document."
    raise TypeError(msg)
