"""Keys stay in memory for a few minutes, and count without a look at what is new for a second."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from crmcore_compliance.keys import cache
from crmcore_compliance.keys.cache import LIFE, LOOK, Cache
from crmcore_compliance.keys.opened import Opened
from crmcore_compliance.keys.states import KeyState


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows."""
    shown = [1000.0]
    monkeypatch.setattr(cache, "monotonic", lambda: shown[0])
    return shown


def _key(id: int = 7) -> Any:
    return SimpleNamespace(id=id, state=KeyState.ACTIVE, subject=UUID(int=id))


def test_a_key_stays_for_its_life(clock: list[float]) -> None:
    """Whoever asks for it then does not get it, however often it was looked what is new."""
    keys = Cache(Opened(10))
    keys.put(_key())
    assert clock[0] + LIFE == keys.until(7)

    clock[0] += LIFE - 1
    keys.heard(())
    assert keys.surely(7) is keys.get(7) is not None

    clock[0] += 2
    keys.heard(())
    assert keys.surely(7) is None
    assert keys.get(7) is None
    assert keys.until(7) is None


def test_it_counts_for_as_long_as_nobody_need_look(clock: list[float]) -> None:
    """Then it may have been destroyed by somebody else: it is there, but not surely."""
    keys = Cache(Opened(10))
    keys.put(_key())
    assert keys.stale
    assert keys.surely(7) is None

    keys.heard(())
    assert not keys.stale
    assert keys.surely(7) is not None

    clock[0] += LOOK
    assert keys.stale
    assert keys.surely(7) is None
    assert keys.get(7) is not None


def test_what_is_heard_of_is_gone(clock: list[float]) -> None:
    """At once, and the others are not."""
    keys = Cache(Opened(10))
    keys.put(_key(7))
    keys.put(_key(8))
    keys.heard([(7, 3)])
    assert (None, 8, 3) == (keys.surely(7), keys._keys[8][1].id, keys.position)
