"""What plugins' distributions require: is it there, is it the right version, and who therefore comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from crmcore._version import __version__
from crmcore.plugins.discovery import Announced

__all__ = ["check_requirements", "in_order"]


def check_requirements(active: Sequence[Announced], disabled: Iterable[Announced], problems: list[str]) -> None:
    """Note every requirement of an active plugin that is missing, of another version, or a disabled plugin."""
    asleep = {d.key: d for d in disabled}
    awake = {a.key for a in active}
    for plugin in active:
        for needed in _requirements(plugin, problems):
            name = canonicalize_name(needed.name)
            if name in asleep and name not in awake:
                problems.append(
                    f"{plugin} requires {_lower(asleep[name])}, which is disabled; disable both or neither."
                )
            elif problem := _unmet(plugin, needed):
                problems.append(problem)


def in_order(active: Sequence[Announced], problems: list[str]) -> list[Announced]:
    """Sort plugins so that each comes after those whose distributions its own requires; otherwise by name."""
    by_distribution: dict[str, list[Announced]] = {}
    for plugin in sorted(active, key=lambda a: a.name):
        by_distribution.setdefault(plugin.key, []).append(plugin)
    graph: TopologicalSorter[str] = TopologicalSorter()
    for name in sorted(by_distribution):
        needed = {canonicalize_name(r.name) for r in _requirements(by_distribution[name][0], [])}
        graph.add(name, *sorted(needed & by_distribution.keys() - {name}))
    try:
        return [plugin for name in _layers(graph) for plugin in by_distribution[name]]
    except CycleError as circle:
        path = " -> ".join(reversed(circle.args[1]))
        problems.append(
            f"Plugins' distributions require each other in a circle: {path}. Uninstall or disable one of them."
        )
        return list(active)


def _layers(graph: TopologicalSorter[str]) -> Iterator[str]:
    graph.prepare()
    while graph.is_active():
        ready = sorted(graph.get_ready())
        yield from ready
        graph.done(*ready)


def _requirements(plugin: Announced, problems: list[str]) -> Iterator[Requirement]:
    for text in plugin.requires:
        try:
            needed = Requirement(text)
        except InvalidRequirement as wrong:
            problems.append(f"{plugin} has a requirement that cannot be read: {wrong}. Reinstall it.")
            continue
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield needed


def _unmet(plugin: Announced, needed: Requirement) -> str | None:
    way_out = f"Install a version that fits, or start without the plugin: CRM_DISABLED_PLUGINS={plugin.name}."
    try:
        there = __version__ if canonicalize_name(needed.name) == "crmcore" else version(needed.name)
    except PackageNotFoundError:
        return f"{plugin} requires {needed.name}{needed.specifier}, which is not installed. {way_out}"
    if needed.specifier.contains(there, prereleases=True):
        return None
    return f"{plugin} requires {needed.name}{needed.specifier}, but {needed.name} is {there}. {way_out}"


def _lower(plugin: Announced) -> str:
    return f"p{str(plugin)[1:]}"
