"""What clients meant to do, written down before it is sent, and what they were told: the yardstick of every check."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["Answer", "Entry", "Intent", "Journal"]


class Intent(msgspec.Struct, frozen=True):
    """One mutation that a client means to have done once.

    Attributes:

        key: its idempotency key; it stands in what is written too, so that every row tells whose it is.
        kind: name of the kind of intent.
        text: the GraphQL document.
        variables: its variables, the key among them.
        records: ids of the records it means to write, as far as they are known before.
    """

    key: str
    kind: str
    text: str
    variables: dict[str, Any]
    records: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """A definite answer: it was done, or it was refused and will never be done.

    Attributes:

        code: the problem's code, None if it was done.
        ids: ids of the records that were written, in order; None stands for a refused row of a batch.
    """

    code: str | None = None
    ids: tuple[str | None, ...] = ()


class Entry(msgspec.Struct):
    """An intent and what is known of it."""

    intent: Intent
    answer: Answer | None = None
    sent: int = 0


class Journal:
    """The intents of a run, kept in a file that survives whoever writes it."""

    def __init__(self, file: int) -> None:
        self._file = file
        self.entries: dict[str, Entry] = {}
        #: Answers to an intent that was asked again which differ from the first: key, first, later.
        self.contradictions: list[tuple[str, Answer, Answer]] = []
        #: Answers that are bugs of the server: key, and what it said.
        self.incidents: list[tuple[str, str]] = []

    def mean(self, intent: Intent) -> Entry:
        """Note an intent, on disk before it returns."""
        os.write(self._file, msgspec.json.encode(intent) + b"\n")
        os.fdatasync(self._file)
        return self.entries.setdefault(intent.key, Entry(intent))

    def learn(self, entry: Entry, answer: Answer) -> None:
        """Note a definite answer."""
        os.write(self._file, msgspec.json.encode([entry.intent.key, answer]) + b"\n")
        if entry.answer is None:
            entry.answer = answer
        elif entry.answer != answer:
            self.contradictions.append((entry.intent.key, entry.answer, answer))

    def done(self, *kinds: str) -> Iterator[Entry]:
        """Give the entries that were acknowledged as done, of these kinds."""
        for entry in self.entries.values():
            if entry.answer is not None and entry.answer.code is None and (not kinds or entry.intent.kind in kinds):
                yield entry


@contextmanager
def opened(path: Path) -> Iterator[Journal]:
    """Keep a journal in a file while a block runs."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        yield Journal(file)
    finally:
        os.close(file)
