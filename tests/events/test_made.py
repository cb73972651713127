"""Events are made as their classes make them, whatever a class has to say about it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from crmcore import Event, ids
from crmcore.events.event import made

HEAD: dict[str, Any] = {
    "id": ids.new(),
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "actor": {"type": "SYSTEM", "id": None, "label": "test"},
    "entity": "customer",
    "record_id": ids.new(),
    "request_id": None,
    "idempotency_key": None,
}


@dataclass(frozen=True, kw_only=True)
class Plain(Event):
    """Nothing but fields."""

    kind: ClassVar[str] = "plain"
    points: int
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Computed(Event):
    """Some fields follow from others."""

    points: int
    doubled: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "doubled", self.points * 2)


class Own(Plain):
    """How it is made is its own."""

    def __init__(self, *, points: int, **head: Any) -> None:
        super().__init__(points=points + 1, **head)


@pytest.mark.parametrize("values", [{"points": 1, "note": "x"}, {"points": 1}])
def test_an_event_is_what_its_class_makes(values: dict[str, Any]) -> None:
    """Equal, with the same defaults, and frozen."""
    event, expected = made(Plain, HEAD | values), Plain(**HEAD, **values)
    assert (expected, repr(expected)) == (event, repr(event))
    with pytest.raises(FrozenInstanceError):
        event.points = 2  # type: ignore[misc]


def test_what_a_class_does_when_one_is_made_is_done() -> None:
    """Fields that follow from others, and a way of its own."""
    assert 6 == made(Computed, {**HEAD, "points": 3}).doubled
    assert 4 == made(Own, {**HEAD, "points": 3, "note": None}).points


@pytest.mark.parametrize("values", [{}, {"points": 1, "unknown": 2}])
def test_what_is_missing_or_unknown_is_refused(values: dict[str, Any]) -> None:
    """As by any class."""
    with pytest.raises(TypeError):
        made(Plain, HEAD | values)
