"""What pip would install, by its documented report (https://pip.pypa.io/en/stable/reference/installation-report/)."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from packaging.utils import canonicalize_name

__all__ = ["Candidate", "Refused", "candidates"]


class Refused(Exception):
    """pip would install nothing; the message is what it says."""


class Candidate(msgspec.Struct, frozen=True):
    """A distribution that would be installed.

    Attributes:

        name: normalized.
        version: which.
        requires: its requirements.
        pin: what to give pip so that it installs exactly this.
    """

    name: str
    version: str
    requires: tuple[str, ...]
    pin: str


class _Metadata(msgspec.Struct):
    name: str
    version: str
    requires_dist: tuple[str, ...] = ()


class _Download(msgspec.Struct):
    url: str


class _Item(msgspec.Struct):
    metadata: _Metadata
    download_info: _Download
    is_direct: bool = False


class _Report(msgspec.Struct):
    install: tuple[_Item, ...]


def candidates(
    requirements: Sequence[str], constraints: Mapping[str, str], *, dependencies: bool = True
) -> dict[str, Candidate]:
    """Return what `pip install --upgrade` of the requirements would install, by name; nothing is installed.

    Args:

        requirements: as pip takes them.
        constraints: versions that stay as they are, by name.
        dependencies: whether what they require counts; else each requirement stands alone.

    Raises:

        Refused: pip is not here, finds nothing, or nothing that fits together.
    """
    if importlib.util.find_spec("pip") is None:
        msg = f"pip is not installed for {sys.executable}; install it there, or use --offline."
        raise Refused(msg)
    with TemporaryDirectory(prefix="crm-upgrade-") as folder:
        report, fixed = Path(folder, "report.json"), Path(folder, "constraints.txt")
        fixed.write_text("".join(f"{name}=={version}\n" for name, version in constraints.items()), "utf-8")
        line = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-input", "--upgrade"]
        line += ["--disable-pip-version-check", "--prefer-binary", "--report", str(report), "--constraint", str(fixed)]
        line += [*([] if dependencies else ["--no-deps"]), *requirements]
        done = subprocess.run(line, capture_output=True, text=True, check=False)  # noqa: S603 - no shell takes part
        if done.returncode or not report.exists():
            raise Refused(_said(done.stderr) or f"pip ended with {done.returncode}.")
        found = msgspec.json.decode(report.read_bytes(), type=_Report)
    return {one.name: one for one in map(_candidate, found.install)}


def _candidate(item: _Item) -> Candidate:
    said = item.metadata
    pin = f"{said.name} @ {item.download_info.url}" if item.is_direct else f"{said.name}=={said.version}"
    return Candidate(str(canonicalize_name(said.name)), said.version, said.requires_dist, pin)


def _said(text: str) -> str:
    lines = [line.removeprefix("ERROR: ").strip() for line in text.splitlines()]
    return " ".join(line for line in lines if line and not line.startswith(("WARNING", "[notice]")))
