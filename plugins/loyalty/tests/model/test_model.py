"""The ledger does what a few dicts do, whatever is asked in whatever order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import LedgerMachine

from crmcore.testing import TestCrm

#: So many steps are taken: `LOYALTY_MODEL_STEPS=10000 python -m pytest tests/model` is the long run, on either database.
_STEPS = int(os.environ.get("LOYALTY_MODEL_STEPS", "300"))
_DATABASE = os.environ.get("LOYALTY_MODEL_DATABASE", "sqlite")
_EXAMPLE = 50
#: Finding the shortest way to a failure takes minutes.
_SHRINK = "LOYALTY_MODEL_SHRINK" in os.environ
_numbers = count(1)


def test_the_ledger_agrees_with_a_plain_model(crm_model: TestCrm, crm_mould: Callable[[str], Any]) -> None:
    """Outcomes, balances and lots are the same after each step, and all invariants hold at the end."""

    @contextmanager
    def database() -> Iterator[str]:
        with crm_mould(_DATABASE).copy(f"model_{next(_numbers)}") as url:
            yield url

    machine = type("Machine", (LedgerMachine,), {"database": staticmethod(database), "model": crm_model, "steps": 0})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, _STEPS // _EXAMPLE),
            stateful_step_count=_EXAMPLE,
            deadline=None,
            phases=[Phase.generate, *[Phase.shrink] * _SHRINK],
            derandomize=_STEPS <= 300,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.steps > _STEPS // 4  # type: ignore[attr-defined]
