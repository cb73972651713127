"""A bounded cache that forgets what was used least recently and counts its hits."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["Cache"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """At most `size` values by key. Who was used last counts from when half of the room is taken.

    Attributes:

        hits, misses: how often `get` found something and how often not, since the start; for metrics.
        evictions: how often something was forgotten.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.hits = self.misses = self.evictions = 0
        self._values: OrderedDict[K, V] = OrderedDict()
        self._crowded = False

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """Return what was put under `key`, None if nothing was or it has been forgotten."""
        value = self._values.get(key)
        if value is None:
            self.misses += 1
            return None
        self.hits += 1
        if self._crowded:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value, and forget the one not asked for the longest when there are too many."""
        self._values[key] = value
        self._crowded = len(self._values) > self.size // 2
        if len(self._values) > self.size:
            self._values.popitem(last=False)
            self.evictions += 1
