"""Keys in memory: those used last, for a few minutes, without those that were destroyed meanwhile."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from time import monotonic
from typing import Final
from uuid import UUID

from crmcore_compliance.keys.key import Key
from crmcore_compliance.keys.opened import Opened
from crmcore_compliance.keys.states import KeyState

__all__ = ["LIFE", "LOOK", "Cache"]

_MOST: Final = 10_000
#: Seconds for which a key stays, and for which nobody need look what is new.
LIFE: Final = 300.0
LOOK: Final = 1.0


class Cache:
    """The keys of one process.

    Args:

        opened: what was opened with them; it goes when they go.

    Attributes:

        position: of the last news that were heard.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        # Each with until when it stays, as `_fresh` by the clock of `monotonic`.
        self._keys: OrderedDict[int, tuple[float, Key]] = OrderedDict()
        self._current: dict[UUID | None, int] = {}
        self.position = 0
        self._fresh = 0.0

    @property
    def stale(self) -> bool:
        """Whether somebody has to look what is new."""
        return monotonic() >= self._fresh

    def heard(self, news: Iterable[tuple[int, int]]) -> None:
        """Drop keys that are not any more what they were.

        Args:

            news: ids of keys with positions, all since `position`.
        """
        for id, position in news:
            self.drop(id)
            self.position = max(self.position, position)
        self._fresh = monotonic() + LOOK

    def get(self, id: int) -> Key | None:
        """Return a key, None if it is not here (any more)."""
        held = self._keys.get(id)
        if held is None:
            return None
        if monotonic() > held[0]:
            self.drop(id)
            return None
        self._keys.move_to_end(id)
        return held[1]

    def surely(self, id: int) -> Key | None:
        """Return a key, None if it is not here, or if somebody has to look first whether it still counts."""
        now, held = monotonic(), self._keys.get(id)
        if held is None or now >= self._fresh or now > held[0]:
            return None
        self._keys.move_to_end(id)
        return held[1]

    def until(self, id: int) -> float | None:
        """Return until when, by the clock of `monotonic`, a key stays; None if it is not here."""
        held = self._keys.get(id)
        return None if held is None else held[0]

    def current(self, subject: UUID | None) -> Key | None:
        """Return a subject's current key, None if it is not here."""
        id = self._current.get(subject)
        return None if id is None else self.get(id)

    def put(self, key: Key) -> Key:
        """Keep a key, and return the one that is kept: of those that are here twice, the first, since it counts."""
        if (held := self.get(key.id)) is not None and held.state == key.state:
            return held
        self._keys[key.id] = monotonic() + LIFE, key
        if key.state is KeyState.ACTIVE:
            self._current[key.subject] = key.id
        if len(self._keys) > _MOST:
            self.drop(next(iter(self._keys)))
        return key

    def drop(self, id: int) -> None:
        """Forget a key and what it opened."""
        self._opened.drop(id)
        held = self._keys.pop(id, None)
        if held is not None and self._current.get(held[1].subject) == id:
            del self._current[held[1].subject]

    def clear(self) -> None:
        """Forget all keys and what they opened."""
        self._opened.clear()
        self._keys.clear()
        self._current.clear()
