"""Defects that a run plants on purpose, to prove that it would find them; the ledger knows nothing of them."""

from __future__ import annotations

import os
from importlib import import_module

__all__ = ["VARIABLE", "plant"]

#: The variable that names the defect to plant: a module beside this one, here or in the core's fault test.
VARIABLE = "LOYALTY_FAULTS_DEFECT"
#: Defects of the core that a ledger must not survive either.
_OF_THE_CORE = frozenset({"asynchronous_commit"})


def plant() -> None:
    """Plant the defect that the environment names, if any."""
    if name := os.environ.get(VARIABLE):
        home = "tests.faults.plugin.defects" if name in _OF_THE_CORE else __name__
        import_module(f"{home}.{name}").plant()
