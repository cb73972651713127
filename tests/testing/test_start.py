"""What a test kit costs that nobody uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crmcore import testing

HEAVY = ("asyncpg", "coverage", "graphql", "httpx", "litestar", "mypy", "piccolo", "strawberry", "unittest.mock")


def loaded(statement: str) -> set[str]:
    """Return what a fresh process has imported, of what is heavy."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split()) & set(HEAVY)


def test_pytest_starts_without_the_crm() -> None:
    """The pytest plugin, which pytest loads wherever crmcore is installed, imports nothing heavy; nor does the package."""
    assert set() == loaded("import crmcore.testing.fixtures, crmcore.testing")


def test_the_proof_above_would_see_it() -> None:
    """A name that is used brings what it needs."""
    assert {"piccolo"} <= loaded("from crmcore.testing import TestCrm")


def test_a_name_is_loaded_when_it_is_used() -> None:
    """Every name of `__all__` is there, and no other."""
    assert [] == [name for name in testing.__all__ if not hasattr(testing, name)]
    assert testing.__all__ == dir(testing) == sorted(testing.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = testing.Nothing
