"""Which plugins there are: the built-in ones, those that installed distributions announce, and those a program gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, entry_points
from typing import cast

from packaging.utils import canonicalize_name

from crmcore.plugins.names import BUILT_IN, RESERVED, is_name
from crmcore.plugins.plugin import Plugin, failure

__all__ = ["GROUP", "Announced", "announced", "built_in", "given", "imported"]

#: The entry-point group of plugins.
GROUP = "crmcore.plugins"


@dataclass(frozen=True)
class Announced:
    """A plugin that an installed distribution announces; not imported yet."""

    entry: EntryPoint
    distribution: Distribution

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.entry.name

    @cached_property
    def title(self) -> str:
        """Name and version of the distribution; importlib.metadata reads the file anew each time it is asked."""
        return f"{self.distribution.name} {self.distribution.version}"

    @cached_property
    def key(self) -> str:
        """The distribution's name in the form in which two are compared."""
        return canonicalize_name(self.distribution.name)

    @cached_property
    def requires(self) -> Sequence[str]:
        """What the distribution says it requires."""
        return self.distribution.requires or ()

    def __str__(self) -> str:
        return f"Plugin {self.name!r} ({self.title})"


def built_in() -> list[Plugin]:
    """Import the plugins that are crmcore itself."""
    return [Plugin(name, import_module(f"crmcore.{name}.plugin"), builtin=True) for name in BUILT_IN]


def announced(problems: list[str]) -> list[Announced]:
    """Find the plugins of installed distributions, by name; names that cannot be are noted as problems."""
    found: dict[str, Announced] = {}
    # importlib.metadata gives them in the order of sys.path, which differs between machines.
    for entry in sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value)):
        one = Announced(entry, cast("Distribution", entry.dist))
        if problem := _naming(one.name, str(one)):
            problems.append(problem)
        elif (other := found.setdefault(one.name, one)) is not one:
            problems.append(
                f"Two distributions bring a plugin {one.name!r}: {other.title} and {one.title}; uninstall one."
            )
    return list(found.values())


def imported(one: Announced, problems: list[str]) -> Plugin | None:
    """Import an announced plugin; None, and a problem noted, when that fails."""
    try:
        implementation = one.entry.load()
    except Exception as error:  # whatever a stranger's module raises is the operator's to read, with all the rest
        problems.append(
            f"{one} cannot be imported: {failure(error)}. Install what is missing, or start without it: "
            f"CRM_DISABLED_PLUGINS={one.name}."
        )
        return None
    return Plugin(one.name, implementation, one.distribution.name, one.distribution.version)


def given(objects: Iterable[object], loaded: Iterable[Plugin], problems: list[str]) -> list[Plugin]:
    """Make plugins of objects a program gives; one that is loaded already is not loaded twice."""
    known = {p.name: p for p in loaded}
    found: dict[str, Plugin] = {}
    for thing in objects:
        name = getattr(thing, "plugin_name", None)
        if not isinstance(name, str):
            problems.append(f'{thing!r} was given to Crm as a plugin and has no name; give it plugin_name = "…".')
        elif name in known and known[name].implementation is thing:
            continue
        elif problem := _naming(name, f"Plugin {name!r} (given to Crm)"):
            problems.append(problem)
        elif name in known or name in found:
            problems.append(f"Plugin {name!r} (given to Crm) has the name of another plugin; rename it.")
        else:
            found[name] = Plugin(name, thing)
    return list(found.values())


def _naming(name: str, who: str) -> str | None:
    if not is_name(name):
        return f"{who} has a name that cannot be; use one lower-case word of letters and digits, for example 'loyalty'."
    if name in RESERVED:
        return f"{who} has a name that crmcore keeps for itself; choose another."
    return None
