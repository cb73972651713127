"""A plugin: a name, the object whose functions implement hooks, and the distribution it came with."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

__all__ = ["Plugin", "failure"]


@dataclass(frozen=True, slots=True)
class Plugin:
    """One plugin; `str()` of it is how messages name it.

    Attributes:

        name: name of its entry point; what it adds begins with it.
        implementation: the module or object with the hook functions.
        distribution: name of the distribution that brings it; None for built-in plugins and those given to `Crm`.
        version: the distribution's version.
        builtin: whether it is a part of crmcore itself.
    """

    name: str
    implementation: object
    distribution: str | None = None
    version: str | None = None
    builtin: bool = False

    def __str__(self) -> str:
        if self.distribution:
            return f"Plugin {self.name!r} ({self.distribution} {self.version})"
        return f"Plugin {self.name!r} ({'built in' if self.builtin else 'given to Crm'})"


def failure(error: BaseException) -> str:
    """Say what was raised, and where, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{at}"
