"""What was opened lately, for as long as the keys that opened it: who shows a list again decrypts nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, NamedTuple

__all__ = ["Opened", "Remembered"]


class Remembered(NamedTuple):
    """What was opened.

    Attributes:

        value: of it.
        until: when the first of its keys goes, by the clock of `monotonic`.
        keys: the ids of its keys.
    """

    value: Any
    until: float
    keys: Collection[int]


class Opened:
    """What was opened lately.

    Args:

        most: how much is remembered; 0 is nothing.

    Attributes:

        most: see above.
        get: what is remembered under a key, None if nothing is.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: dict[Hashable, Remembered] = {}
        self._of: dict[int, list[Hashable]] = {}
        self.get: Callable[[Hashable], Remembered | None] = self._values.get

    def __len__(self) -> int:
        return len(self._values)

    def keep(self, key: Hashable, opened: Remembered) -> None:
        """Remember something until one of its keys goes, or more comes than there is room for."""
        self._values[key] = opened
        for id in opened.keys:
            self._of.setdefault(id, []).append(key)
        while len(self._values) > self.most:
            # The keys that have been in use for longest without pause are the first; theirs can be opened again.
            self.drop(next(iter(self._of)))

    def drop(self, id: int) -> None:
        """Forget what a key opened."""
        for key in self._of.pop(id, ()):
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._of.clear()

    def about(self, ids: Iterable[int]) -> int:
        """Return how much is remembered that some keys opened."""
        return sum(len(self._of.get(id, ())) for id in ids)
