"""How the Python that measures was built: one that was not optimised takes half as long again for the same work."""

from __future__ import annotations

import platform
import sysconfig
from collections.abc import Collection, Mapping

__all__ = ["SLOW", "described", "optimised"]

#: What to say where that is so.
SLOW = (
    "This Python was built without profile-guided optimisation (`--enable-optimizations`) and takes about 1.45 times as long "
    "for the same work as one that a distribution ships; Node, which it is compared with, is built with it. "
    "Its figures say nothing of what others will find."
)
_MARKS = ("--enable-optimizations", "-fprofile-use", "-fprofile-instr-use")
#: Where a build says how it was made.
_SAID = ("CONFIG_ARGS", "PY_CFLAGS", "PY_CORE_CFLAGS", "PY_CFLAGS_NODIST", "CFLAGS")


def optimised(
    said: Mapping[str, object] | None = None, schemes: Collection[str] = sysconfig.get_scheme_names()
) -> bool:
    """Say whether a Python was built with profile-guided optimisation.

    Debian's and Ubuntu's are, though they take it out of what they say of themselves; they are known by how they install.

    Args:

        said: what it says of its build; of the one that runs if None.
        schemes: the ways in which it installs.
    """
    variables = sysconfig.get_config_vars() if said is None else said
    texts = [str(variables.get(name) or "") for name in _SAID]
    return "deb_system" in schemes or any(mark in text for mark in _MARKS for text in texts)


def described() -> str:
    """Name the Python that runs, and how it was built."""
    how = "with" if optimised() else "without"
    return f"{platform.python_implementation()} {platform.python_version()}, built {how} profile-guided optimisation"
