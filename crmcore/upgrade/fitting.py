"""Which versions of crmcore and the installed plugins fit together, and who holds whom back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from crmcore._version import __version__
from crmcore.plugins.discovery import announced
from crmcore.upgrade.pip import Candidate, Refused, candidates

__all__ = ["Fit", "Fitting", "as_installed", "fit"]


class Fitting(msgspec.Struct, frozen=True):
    """A distribution before and after.

    Attributes:

        name: normalized.
        now: the version that is installed.
        then: the version there would be.
        newest: the newest there is for this Python; None where nobody was asked.
        held_back: why `then` is not the newest: `crmcore-x 1.2 needs crmcore<0.3`.
    """

    name: str
    now: str
    then: str
    newest: str | None = None
    held_back: tuple[str, ...] = ()


class Fit(msgspec.Struct, frozen=True):
    """Versions that fit together, or why none do.

    Attributes:

        versions: crmcore first.
        problems: why it cannot be; empty is good.
        install: everything that pip would install, dependencies included.
    """

    versions: tuple[Fitting, ...]
    problems: tuple[str, ...] = ()
    install: tuple[Candidate, ...] = ()


class _Present(msgspec.Struct, frozen=True):
    version: str
    requires: tuple[str, ...]
    local: bool


def as_installed() -> Fit:
    """Say whether what is installed fits together; nobody is asked."""
    here = _present()
    versions = tuple(Fitting(name, one.version, one.version) for name, one in here.items())
    return Fit(versions, tuple(_clashes({name: (one.version, one.requires) for name, one in here.items()})))


def fit(requirements: Sequence[str]) -> Fit:
    """Ask pip for the newest versions that fit together.

    What was installed from a folder or a file stays as it is, unless a requirement names it.

    Args:

        requirements: what is wanted beyond that, as pip takes it (`crmcore==0.3`).
    """
    here = _present()
    named = {name for text in requirements if (name := _name(text)) is not None}
    asked = [*requirements, *(name for name, one in here.items() if name not in named and not one.local)]
    fixed = {name: one.version for name, one in here.items() if name not in named and one.local}
    if not asked:
        return as_installed()
    newest = _newest(asked)
    try:
        found = candidates(asked, fixed)
    except Refused as refused:
        asked_for = {name: (c.version, c.requires) for name, c in newest.items()}
        why = list(_clashes({name: (one.version, one.requires) for name, one in here.items()} | asked_for))
        versions = tuple(Fitting(n, o.version, o.version, _version(newest, n)) for n, o in here.items())
        return Fit(versions, tuple(why) or (str(refused),))
    after = {name: (one.version, one.requires) for name, one in here.items()}
    after |= {name: (c.version, c.requires) for name, c in found.items() if name in here}
    versions = tuple(_fitting(name, one.version, after, newest) for name, one in here.items())
    return Fit(versions, tuple(_clashes(after)), tuple(found.values()))


def _fitting(
    name: str, now: str, after: Mapping[str, tuple[str, tuple[str, ...]]], newest: Mapping[str, Candidate]
) -> Fitting:
    then, best = after[name][0], newest.get(name)
    if best is None or Version(best.version) <= Version(then):
        return Fitting(name, now, then, max(then, best.version, key=Version) if best else None)
    why = list(_clashes({**after, name: (best.version, best.requires)}))
    return Fitting(name, now, then, best.version, tuple(why))


def _clashes(versions: Mapping[str, tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Yield each requirement among these that is not met."""
    for name, (version, requires) in versions.items():
        for text in requires:
            try:
                needed = Requirement(text)
            except InvalidRequirement:
                continue
            other = str(canonicalize_name(needed.name))
            if other not in versions or not (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                continue
            if not needed.specifier.contains(versions[other][0], prereleases=True):
                yield f"{name} {version} needs {other}{needed.specifier}, which {other} {versions[other][0]} is not."


def _newest(asked: Sequence[str]) -> dict[str, Candidate]:
    """Return the newest of each that pip would take by itself; what it does not find is left out."""
    try:
        return candidates(["--ignore-installed", *asked], {}, dependencies=False)
    except Refused:
        found: dict[str, Candidate] = {}
        for one in asked if len(asked) > 1 else ():
            found |= _newest([one])
        return found


def _version(newest: Mapping[str, Candidate], name: str) -> str | None:
    return newest[name].version if name in newest else None


def _present() -> dict[str, _Present]:
    """Return crmcore and the distributions of plugins, disabled ones too."""
    found = {"crmcore": _of_crmcore()}
    for one in announced([]):
        found.setdefault(str(canonicalize_name(one.distribution.name)), _of(one.distribution))
    return found


def _of_crmcore() -> _Present:
    try:
        return _of(distribution("crmcore"))
    except PackageNotFoundError:
        return _Present(__version__, (), local=True)  # a checkout on the path


def _of(dist: Distribution) -> _Present:
    return _Present(dist.version, tuple(dist.requires or ()), dist.read_text("direct_url.json") is not None)


def _name(text: str) -> str | None:
    try:
        return str(canonicalize_name(Requirement(text).name))
    except InvalidRequirement:
        return None
