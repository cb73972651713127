"""What plugin authors test with: a CRM in a moment, on either database, and what a test asks of it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcore.contract.tests import contract
    from crmcore.testing.clock import Clock
    from crmcore.testing.crash import Crashed, crash_after
    from crmcore.testing.crm import TestCrm
    from crmcore.testing.factories import Factory
    from crmcore.testing.making import Made
    from crmcore.testing.queries import Queries
    from crmcore.testing.receiver import Received, Receiver
    from crmcore.testing.waiting import WaitingJob
    from crmcore.testing.working import DoneJob

_HOMES = {
    "Clock": "crmcore.testing.clock",
    "Crashed": "crmcore.testing.crash",
    "DoneJob": "crmcore.testing.working",
    "Factory": "crmcore.testing.factories",
    "Made": "crmcore.testing.making",
    "Queries": "crmcore.testing.queries",
    "Received": "crmcore.testing.receiver",
    "Receiver": "crmcore.testing.receiver",
    "TestCrm": "crmcore.testing.crm",
    "WaitingJob": "crmcore.testing.waiting",
    "contract": "crmcore.contract.tests",
    "crash_after": "crmcore.testing.crash",
}

__all__ = [
    "Clock",
    "Crashed",
    "DoneJob",
    "Factory",
    "Made",
    "Queries",
    "Received",
    "Receiver",
    "TestCrm",
    "WaitingJob",
    "contract",
    "crash_after",
]


def __getattr__(name: str) -> Any:
    # pytest imports this package at its start wherever crmcore is installed, before anybody has asked for a CRM.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    msg = f"module 'crmcore.testing' has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
