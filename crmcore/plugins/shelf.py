"""What is installed, as the distributions themselves say it: no plugin is imported, so broken ones are here too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from crmcore._version import __version__
from crmcore.plugins.discovery import Announced, announced
from crmcore.plugins.requirements import check_requirements, in_order

__all__ = ["Need", "Shelved", "State", "needs", "shelf", "unmet"]


class State(StrEnum):
    """How an installed plugin stands.

    Attributes:

        ENABLED: it is loaded.
        DISABLED: `disabled_plugins` names it.
        BROKEN: it is to be loaded, and what it requires is missing; the start stops.
    """

    ENABLED = "enabled"
    DISABLED = "disabled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Need:
    """What a distribution requires.

    Attributes:

        text: the requirement (`crmcore<0.3,>=0.2`).
        name: of the distribution that is required.
        there: the version that is installed, None without one.
        met: whether that fits.
    """

    text: str
    name: str
    there: str | None
    met: bool


@dataclass(frozen=True)
class Shelved:
    """An installed plugin.

    Attributes:

        announced: its entry point and distribution.
        state: how it stands.
        needed_by: names of the installed plugins whose distributions require its own.
        problems: why it is broken.
    """

    announced: Announced
    state: State
    needed_by: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.announced.name


def shelf(disabled: Collection[str], problems: list[str]) -> list[Shelved]:
    """Return the installed plugins, those that are loaded first and in load order.

    Args:

        disabled: names of those that are not loaded.
        problems: what is wrong with names is added here.
    """
    found = announced(problems)
    asleep = [one for one in found if one.name in disabled]
    active = in_order([one for one in found if one.name not in disabled], [])
    return [_shelved(one, found, asleep) for one in (*active, *asleep)]


def unmet(found: Sequence[Shelved], disabled: Collection[str]) -> list[str]:
    """Return what would be wrong if these plugins, and no others, were disabled."""
    problems: list[str] = []
    every = [one.announced for one in found]
    check_requirements(
        [one for one in every if one.name not in disabled], [one for one in every if one.name in disabled], problems
    )
    return problems


def needs(one: Announced) -> Iterator[Need]:
    """Yield what a plugin's distribution requires here, extras left out."""
    for text in one.distribution.requires or ():
        try:
            needed = Requirement(text)
        except InvalidRequirement:
            yield Need(text, text, None, False)
            continue
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            there = _there(needed.name)
            met = there is not None and needed.specifier.contains(there, prereleases=True)
            yield Need(f"{needed.name}{needed.specifier}", str(canonicalize_name(needed.name)), there, met)


def _shelved(one: Announced, found: Sequence[Announced], asleep: Sequence[Announced]) -> Shelved:
    own = canonicalize_name(one.distribution.name)
    needed_by = tuple(
        other.name
        for other in found
        if other.distribution.name != one.distribution.name and any(need.name == own for need in needs(other))
    )
    if one in asleep:
        return Shelved(one, State.DISABLED, needed_by, ())
    problems: list[str] = []
    check_requirements([one], asleep, problems)
    return Shelved(one, State.BROKEN if problems else State.ENABLED, needed_by, tuple(problems))


def _there(name: str) -> str | None:
    if canonicalize_name(name) == "crmcore":
        return __version__
    try:
        return version(name)
    except PackageNotFoundError:
        return None
