"""What a plugin's distribution says of itself: from its metadata, or from `pyproject.toml` where it is not installed."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, cast

from packaging.requirements import InvalidRequirement, Requirement

from crmcore.contract.places import pyproject
from crmcore.contract.rule import Unverified
from crmcore.contract.subject import Subject

__all__ = ["About", "about"]


@dataclass(frozen=True, slots=True)
class About:
    """What is known of it.

    Attributes:

        version: as it is written.
        license: expression, name, or file; None: nothing is said.
        requires: what it needs, extras left out.
        readme: the long description.
    """

    version: str | None
    license: str | None
    requires: tuple[Requirement, ...]
    readme: str | None


def about(subject: Subject) -> About:
    """Read it.

    Raises:

        Unverified: there is neither a distribution nor a source tree.
    """
    written = pyproject(subject.source) if subject.source else {}
    if subject.distribution is not None:
        return _installed(subject.distribution, _readme(subject.source, written))
    if "project" in written and subject.source is not None:
        return _written(written["project"], _readme(subject.source, written))
    msg = "The plugin was given to Crm as an object, without a pyproject.toml; say where its source tree is."
    raise Unverified(msg)


def _installed(distribution: Distribution, readme: str | None) -> About:
    said = cast("Message", distribution.metadata)
    classified = [c for c in said.get_all("Classifier") or () if c.startswith("License ::")]
    license_ = (
        said.get("License-Expression")
        or said.get("License")
        or next(iter(classified), None)
        or said.get("License-File")
    )
    text = readme or said.get("Description") or str(said.get_payload() or "")
    return About(said.get("Version"), license_, _requirements(distribution.requires or ()), text or None)


def _written(project: dict[str, Any], readme: str | None) -> About:
    given = project.get("license") or next(iter(project.get("license-files", ())), None)
    license_ = next(iter(given.values()), None) if isinstance(given, dict) else given
    return About(project.get("version"), license_, _requirements(project.get("dependencies", ())), readme)


def _requirements(texts: Any) -> tuple[Requirement, ...]:
    found = []
    for text in texts:
        try:
            needed = Requirement(text)
        except InvalidRequirement:
            continue  # the host refuses it, by name
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            found.append(needed)
    return tuple(found)


def _readme(source: Path | None, written: dict[str, Any]) -> str | None:
    """Read the README of the source tree, which is newer than that of an editable install."""
    if source is None:
        return None
    said = written.get("project", {}).get("readme", "README.md")
    name = said.get("file", "README.md") if isinstance(said, dict) else said
    path = source / name
    return path.read_text("utf-8") if path.is_file() else None
