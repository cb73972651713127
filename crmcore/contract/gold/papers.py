"""Can who runs the plugin set it and upgrade it by what is written down?"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from packaging.version import InvalidVersion, Version

from crmcore.contract.about import about
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.settings import settings_of
from crmcore.contract.silver.papers import NO_SOURCE
from crmcore.contract.subject import Subject

__all__ = ["every_setting_has_an_example", "upgrades_have_notes"]


@rule(Tier.GOLD)
async def every_setting_has_an_example(subject: Subject) -> AsyncIterator[Shortfall]:
    """A setting that is only described is written wrong at the first attempt; one that can be copied is not.

    Each setting stands in a block of TOML in the README, below `[plugins.NAME]`, with a value.
    """
    names = settings_of(subject)
    text = about(subject).readme or ""
    if not names:
        return
    written = "\n".join(_settings_blocks(text, subject.name))
    for name in names:
        if not re.search(rf"^#?\s*{re.escape(name)}\s*=\s*\S", written, re.MULTILINE):
            yield Shortfall(
                f"README.md has no example of the setting {name}.",
                f"Write it into a block that can be copied: ```toml, [plugins.{subject.name}], {name} = <a value>.",
            )


def _settings_blocks(text: str, plugin: str) -> Iterator[str]:
    for block in re.findall(r"^```toml\s*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if f"[plugins.{plugin}" in block:
            yield block


@rule(Tier.GOLD)
async def upgrades_have_notes(subject: Subject) -> AsyncIterator[Shortfall]:
    """Who skips two versions must not have to guess what each of them asks for.

    In `CHANGELOG.md` each minor or major version after the first, that is each heading `## X.Y.0`, has a part called
    "Upgrade notes"; "Nothing to do." is one.
    """
    if subject.source is None:
        raise Unverified(NO_SOURCE)
    for version, text in _later(subject.text_of("CHANGELOG.md") or ""):
        if not re.search(r"^#+\s*(?:upgrade notes|upgrading)\b.*\n\s*\S", text, re.MULTILINE | re.IGNORECASE):
            yield Shortfall(
                f"CHANGELOG.md has no upgrade notes for {version}.",
                f'Add a part "### Upgrade notes" to {version}: what to do before and after, or "Nothing to do."',
            )


def _later(text: str) -> list[tuple[str, str]]:
    """Return the minor and major versions but for the first, with what is written of each."""
    parts = re.split(r"^##\s+\[?v?(\d+(?:\.\d+)+)\]?[^\n]*$", text, flags=re.MULTILINE)[1:]
    found = []
    for version, body in zip(parts[::2], parts[1::2], strict=True):
        try:
            if Version(version).micro == 0:
                found.append((Version(version), version, body))
        except InvalidVersion:
            continue
    return [(version, body) for _, version, body in sorted(found, key=lambda f: f[0])[1:]]
