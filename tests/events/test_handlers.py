"""Handlers: who is told of which event, and what the log says of handlers that are slow or fail."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from crmcore.database import ids
from crmcore.events import Created, Deleted, Event, Handlers, inside, watched

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
NOBODY: Any = None


class GadgetCreated(Created):
    """A gadget was made."""


def made(kind: type[Event] = GadgetCreated, **details: Any) -> Event:
    """Make an event."""
    return kind(id=ids.new(), at=NOW, actor={}, entity="gadget", record_id=ids.new(), **(details or {"after": {}}))


def noting(told: list[str], name: str) -> Callable[[Any, Event], Awaitable[None]]:
    """A handler that notes that it was told."""

    async def note(_: Any, event: Event) -> None:
        told.append(f"{name}: {type(event).__name__}")

    return note


async def test_handlers_of_a_general_event_hear_of_special_ones() -> None:
    """A handler of Created is told of every creation, one of Deleted is not; order is that of declaration."""
    told: list[str] = []
    declared = [
        inside(Created, noting(told, "all")),
        inside(Deleted, noting(told, "no")),
        inside(GadgetCreated, noting(told, "one")),
    ]

    await Handlers(declared).tell_inside(NOBODY, made())

    assert ["all: GadgetCreated", "one: GadgetCreated"] == told


async def test_a_slow_inside_handler_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A handler that holds the transaction for long is logged with its plugin and what to do instead."""
    monkeypatch.setattr(watched, "SLOW", -1.0)

    await Handlers([inside(Created, noting([], "x"))]).tell_inside(NOBODY, made())

    (record,) = caplog.records
    assert logging.WARNING == record.levelno
    assert "note of plugin 'core' held the transaction for" in record.message
    assert "on GadgetCreated; consider after(...) instead." in record.message


async def test_a_quick_inside_handler_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of handlers that are quick enough."""
    await Handlers([inside(Created, noting([], "x"))]).tell_inside(NOBODY, made())

    assert [] == caplog.records


async def test_an_inside_handler_that_fails_ends_it() -> None:
    """What an inside-handler raises reaches the caller, and no further handler runs."""
    told: list[str] = []

    async def veto(_: Any, event: Event) -> None:
        msg = "no"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="no"):
        await Handlers([inside(Created, veto), inside(Created, noting(told, "x"))]).tell_inside(NOBODY, made())

    assert [] == told
