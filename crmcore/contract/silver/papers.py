"""What a plugin has written down for those who use it: what changed, and who cares for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from crmcore.contract.places import pyproject
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject

__all__ = ["somebody_owns_it", "the_changelog_has_its_version", "version_of"]

NO_SOURCE = "Its source tree is not at hand: give it by --source DIR, or install it by pip install --editable DIR."


@rule(Tier.SILVER)
async def the_changelog_has_its_version(subject: Subject) -> AsyncIterator[Shortfall]:
    """Who upgrades wants to know what changes for them; a changelog without the version at hand tells of another one.

    `CHANGELOG.md` stands beside `pyproject.toml` and has a heading with the plugin's present version.
    """
    version = version_of(subject)
    text = subject.text_of("CHANGELOG.md")
    if text is None:
        yield Shortfall(
            "There is no CHANGELOG.md beside pyproject.toml.",
            f"Write one with a heading for each version, the newest first: `## {version}`, and what changes for users.",
        )
    elif not re.search(rf"^#+[^\n]*(?<![\w.]){re.escape(version)}(?!\.?\w)", text, re.MULTILINE):
        yield Shortfall(
            f"CHANGELOG.md has no heading for {version}, which is the plugin's version.",
            f"Add `## {version}` and say below it what changes for users.",
        )


@rule(Tier.SILVER)
async def somebody_owns_it(subject: Subject) -> AsyncIterator[Shortfall]:
    """Who finds a hole in a plugin, or is held up by it, must know whom to tell."""
    if subject.source is None:
        raise Unverified(NO_SOURCE)
    if not subject.claims.owner:
        yield Shortfall(
            "quality.toml names nobody as the owner.",
            'Write in quality.toml, before [rules], who cares for the plugin: owner = "Ada Lovelace <ada@example.com>".',
        )


def version_of(subject: Subject) -> str:
    """Return the plugin's version.

    Raises:

        Unverified: there is no source tree, or no version in it.
    """
    if subject.source is None:
        raise Unverified(NO_SOURCE)
    if subject.distribution is not None:
        return subject.distribution.version
    version = pyproject(subject.source).get("project", {}).get("version")
    if not isinstance(version, str):
        msg = "Nothing says which version it has: neither a distribution nor [project] in pyproject.toml."
        raise Unverified(msg)
    return version
