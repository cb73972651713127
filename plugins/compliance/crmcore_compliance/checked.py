"""What clients say and the server writes past the rules of an entity: texts are texts, and no longer than their columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from crmcore import Crm, Work, camel, errors, kinds

__all__ = ["checked"]

#: Characters of JSON, as the core has it.
_LONGEST: Final = 64 * 1024


def checked(where: Crm | Work, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are, if the columns of a record may hold them.

    Raises:

        Invalid: some are too long, or no text that a database stores: all of them.
    """
    facts = where.entities[entity].facts
    wrong = []
    for column, value in values.items():
        said = facts[column]
        if value is None or said.kind not in (kinds.TEXT, kinds.JSON):
            continue
        is_json = said.kind is kinds.JSON
        text = json.dumps(value, ensure_ascii=False) if is_json else value
        longest = _LONGEST if is_json else said.max_length
        wrong += [
            errors.Violation(camel(column), code, f"{camel(column)} {why}") for code, why in _wrong(text, longest)
        ]
    if wrong:
        raise errors.Invalid.of(wrong)
    return dict(values)


def _wrong(text: str, longest: int | None) -> Iterator[tuple[str, str]]:
    if "\x00" in text or "\\u0000" in text:
        yield "MALFORMED", "holds the character U+0000, which no database stores; leave it out."
    elif any("\ud800" <= each <= "\udfff" for each in text):
        yield "MALFORMED", "holds half of a character (a lone surrogate); send whole characters."
    if longest is not None and len(text) > longest:
        yield "TOO_LONG", f"has {len(text)} characters; at most {longest} fit."
