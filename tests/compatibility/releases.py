"""The releases that are kept here: their files, what they were when they were added, and how they are installed."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["HERE", "added", "checksums", "installed", "project", "recorded", "releases"]

HERE = Path(__file__).parent
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info", "dist", "build", "*.sqlite*")


def releases() -> list[Path]:
    """Return the releases' folders."""
    return sorted(file.parent for file in HERE.glob("*/pyproject.toml"))


def project(folder: Path) -> dict[str, Any]:
    """Return what a source tree's pyproject.toml says of the project."""
    found: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def added(source: Path) -> Path:
    """Copy a plugin's source tree as the release that it is, and record its files.

    Raises:

        FileExistsError: this version is there already; what was released does not change.
    """
    said = project(source)
    folder = HERE / f"{said['name']}-{said['version']}"
    shutil.copytree(source, folder, ignore=_LEFT_OUT)
    sums = HERE / f"{folder.name}.sha256"
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in checksums(folder).items()), "utf-8")
    return folder


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a release, by its path in it."""
    files = {f.relative_to(folder): f for f in sorted(folder.rglob("*")) if f.is_file()}
    return {str(at): hashlib.sha256(f.read_bytes()).hexdigest() for at, f in files.items() if not _is_made(at)}


def _is_made(file: Path) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in file.parts)


def recorded(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file as the release was added."""
    lines = (HERE / f"{folder.name}.sha256").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def installed(folder: Path, site: Path) -> list[Path]:
    """Write what an installer would leave of a release, without an installer.

    Args:

        folder: the release's source tree.
        site: where its metadata goes.

    Returns:

        the folders to put on `sys.path`, the first first.
    """
    said = project(folder)
    record = site / f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text("\n".join(_metadata(said)) + "\n", "utf-8")
    groups = said.get("entry-points", {})
    text = "".join(f"[{g}]\n" + "".join(f"{n} = {v}\n" for n, v in each.items()) for g, each in groups.items())
    (record / "entry_points.txt").write_text(text, "utf-8")
    return [site, folder / "src" if (folder / "src").is_dir() else folder]


def _metadata(said: dict[str, Any]) -> Iterator[str]:
    yield "Metadata-Version: 2.4"
    yield f"Name: {said['name']}"
    yield f"Version: {said['version']}"
    yield f"Summary: {said.get('description', '')}"
    yield f"License-Expression: {said.get('license', '')}"
    yield from (f"Requires-Dist: {needed}" for needed in said.get("dependencies", ()))
