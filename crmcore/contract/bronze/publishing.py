"""Bronze: the distribution says which crmcore it is made for, which version it is, and what one may do with it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from crmcore._version import __version__
from crmcore.contract.about import about
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject

__all__ = ["requires_a_bounded_crmcore", "version_and_license_are_known"]

#: Far beyond any version that a bound could allow by mistake.
_FAR = Version("9999")


@rule(Tier.BRONZE)
async def requires_a_bounded_crmcore(subject: Subject) -> AsyncIterator[Shortfall]:
    """Without bounds an installer puts a plugin beside a crmcore it was never tried with, and both stay down.

    The requirement has a lowest version, which has all that the plugin uses, and ends before the first version that may
    take something away: the next minor one before 1.0, the next major one after. `docs/compatibility.md` is the promise
    that makes this enough.
    """
    example = _range()
    needed = [r for r in about(subject).requires if canonicalize_name(r.name) == "crmcore"]
    if not needed:
        yield Shortfall("It does not say that it requires crmcore.", f'Add "crmcore{example}" to its dependencies.')
    for requirement in needed:
        wanted = f"It requires crmcore{requirement.specifier}"
        fix = f'Write "crmcore{example}".'
        if requirement.specifier.contains(_FAR):
            yield Shortfall(f"{wanted}, which has no upper bound.", fix)
        if not _has_lower(requirement.specifier):
            yield Shortfall(f"{wanted}, which has no lower bound.", fix)
        if not requirement.specifier.contains(__version__, prereleases=True):
            yield Shortfall(
                f"{wanted}, but this is crmcore {__version__}.", "Try it with this one, and widen the range."
            )


def _has_lower(specifier: SpecifierSet) -> bool:
    return any(part.operator in (">=", ">", "==", "===", "~=") for part in specifier)


def _range() -> str:
    here = Version(__version__)
    upper = f"0.{here.minor + 1}" if here.major == 0 else f"{here.major + 1}"
    return f">={here.major}.{here.minor},<{upper}"


@rule(Tier.BRONZE)
async def version_and_license_are_known(subject: Subject) -> AsyncIterator[Shortfall]:
    """A plugin without a version cannot be reported against, and one without a license must not be used.

    The version is one that installers can order (PEP 440), and not 0.0.0; the license stands in the metadata, by its
    SPDX expression where there is one.
    """
    said = about(subject)
    try:
        if Version(said.version or "") <= Version("0.0.0"):
            yield Shortfall(f"Its version is {said.version}.", "Give it a version above 0.0.0.")
    except InvalidVersion:
        yield Shortfall(f"Its version is {said.version or 'not given'}.", 'Give it one, as in version = "0.1.0".')
    if not said.license:
        yield Shortfall("Its metadata name no license.", 'Give its SPDX expression, as in license = "Apache-2.0".')
