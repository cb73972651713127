"""Defects that a run plants on purpose, to prove that it would find them; product code knows nothing of them."""

from __future__ import annotations

import os
from importlib import import_module

__all__ = ["VARIABLE", "plant"]

#: The variable that names the defect to plant: a module beside this one.
VARIABLE = "FAULTS_DEFECT"


def plant() -> None:
    """Plant the defect that the environment names, if any."""
    if name := os.environ.get(VARIABLE):
        import_module(f"{__name__}.{name}").plant()
