"""Is a plugin as good as it says? Rules in three tiers, a report, and tests for its own suite.

`rule` says what a rule is, `subject` what it looks at; `bronze`, `silver` and `gold` have the rules; `run` applies them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcore.contract.tests import contract

__all__ = ["contract"]


def __getattr__(name: str) -> Any:
    if name == "contract":
        # Heavy: whatever the rules look at.
        from crmcore.contract.tests import contract

        return contract
    msg = f"module 'crmcore.contract' has no attribute {name!r}"
    raise AttributeError(msg)
