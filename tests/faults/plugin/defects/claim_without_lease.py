"""A worker takes a job without marking it as taken: others take it too while it runs."""

from __future__ import annotations

from types import SimpleNamespace

from crmcore.jobs import claim
from crmcore.jobs.states import State


def plant() -> None:
    """Have claimed jobs stay ready."""
    marked = f"set state = {State.RUNNING}"
    assert marked in claim._POSTGRESQL
    claim._POSTGRESQL = claim._POSTGRESQL.replace(marked, f"set state = {State.READY}")
    states = SimpleNamespace(READY=State.READY, RUNNING=State.READY, LATER=State.LATER)
    claim.State = states  # type: ignore[misc,assignment]
