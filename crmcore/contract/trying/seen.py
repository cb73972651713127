"""Does an answer show a record? Its words, its numbers and its id are looked for, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from crmcore.contract.trying.records import Marked

__all__ = ["shown"]


def shown(answer: Any, hidden: Iterable[Marked], given: Iterable[str] = ()) -> Iterator[tuple[str, Marked]]:
    """Yield where an answer shows which of the hidden records: `customers.nodes.goldNote`.

    Args:

        answer: JSON, parsed.
        hidden: the records that must not show.
        given: ids the question has named itself, or that links of other records hold; to hear them gives nothing away.
    """
    told = set(given)
    wanted = {mark: record for record in hidden for mark in record.marks}
    wanted |= {record.shown_id: record for record in hidden if record.shown_id not in told}
    for path, leaf in _leaves(answer, ()):
        texts = {leaf, re.sub(r"\D", "", leaf)}
        found = next((record for mark, record in wanted.items() if any(_is_in(mark, text) for text in texts)), None)
        if found is not None:
            yield ".".join(path), found


def _is_in(mark: str, text: str) -> bool:
    # A sum of other numbers may have the digits of one among its own.
    return mark == text if text.isdigit() else mark in text


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, (*path, str(name)))
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member, path)
    elif value is not None and not isinstance(value, bool):
        yield path, str(value)
