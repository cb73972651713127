"""A plugin as it was found: its distribution, its package, its source tree, and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from crmcore.contract.places import package_of, source_of
from crmcore.contract.rule import Unverified
from crmcore.plugins.capabilities import Capabilities, capabilities_in, capabilities_of
from crmcore.plugins.discovery import Announced, imported
from crmcore.plugins.plugin import Plugin

__all__ = ["Found"]


@dataclass(frozen=True)
class Found:
    """Where a plugin is.

    Attributes:

        name: of the plugin.
        load: imports it; raises `Unverified` when that fails.
        capabilities: reads what it declares; raises `Unreadable`.
        distribution: what brings it; None for an object given to `Crm`.
        module: name of its package (`crmcore_tasks`), or of its module.
        package: folder of the package; the file where the plugin is a single module. None: it is not there.
        source: its source tree; None where it is not at hand.
    """

    name: str
    load: Callable[[], Plugin]
    capabilities: Callable[[], Capabilities | None] = lambda: None
    distribution: Distribution | None = None
    module: str = ""
    package: Path | None = None
    source: Path | None = None

    @classmethod
    def installed(cls, one: Announced, source: Path | None) -> Found:
        """Find what a distribution brings; without a source tree, look for it."""
        module, package = package_of(one.entry.module) or (one.entry.module, None)

        def load() -> Plugin:
            problems: list[str] = []
            if plugin := imported(one, problems):
                return plugin
            raise Unverified(problems[0])

        return cls(
            one.name,
            load,
            lambda: capabilities_of(one.entry),
            one.distribution,
            module,
            package,
            source or source_of(one.distribution, one.name),
        )

    @classmethod
    def given(cls, name: str, it: object, source: Path | None) -> Found:
        """Find what a program gives: a module, or another object; a single module's capabilities are in its source tree."""
        file = getattr(it, "__file__", None)
        package = Path(file) if file else None
        if package is not None and hasattr(it, "__path__"):
            package = package.parent
        folder = package if package is not None and package.is_dir() else source
        return cls(
            name,
            lambda: Plugin(name, it),
            lambda: capabilities_in(folder) if folder else None,
            module=str(getattr(it, "__name__", name)),
            package=package,
            source=source,
        )
