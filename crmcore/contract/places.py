"""Where a plugin is: its distribution, the package that is installed, and the source tree it was built from."""

from __future__ import annotations

import json
import tomllib
from difflib import get_close_matches
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from crmcore.plugins.discovery import GROUP, Announced, announced
from crmcore.plugins.names import BUILT_IN

__all__ = ["Absent", "announcement", "package_of", "pyproject", "source_of"]


class Absent(LookupError):
    """No such plugin can be checked; the message says why and what can."""


def announcement(name: str) -> Announced:
    """Find an installed plugin, without importing it.

    Raises:

        Absent: it is not installed, or a part of crmcore.
    """
    if name in BUILT_IN:
        msg = f"{name!r} is a part of crmcore, whose own tests check it; name a plugin that a distribution brings."
        raise Absent(msg)
    problems: list[str] = []
    found = {one.name: one for one in announced(problems)}
    if name in found:
        return found[name]
    if wrong := [problem for problem in problems if repr(name) in problem]:
        raise Absent(" ".join(wrong))
    close = get_close_matches(name, found, n=1)
    hint = f"did you mean {close[0]}?" if close else f"installed are {', '.join(sorted(found)) or 'none'}."
    msg = f"No plugin {name!r} is installed; {hint} A source tree is installed by `pip install --editable DIR`."
    raise Absent(msg)


def package_of(module: str) -> tuple[str, Path] | None:
    """Return name and place of the package a module belongs to: the topmost that is no namespace, or the module itself.

    Nothing of the plugin is imported while its packages are found, except packages above it. None: it is not there.
    """
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        name = ".".join(parts[:depth])
        try:
            spec = find_spec(name)
        except Exception:  # a namespace with code in it can raise whatever it likes
            return None
        if spec is None:
            return None
        if spec.origin is not None and spec.has_location:
            file = Path(spec.origin)
            return name, file.parent if spec.submodule_search_locations else file
    return None


def source_of(distribution: Distribution | None, plugin: str) -> Path | None:
    """Return the source tree: of an editable install, else the current folder if that is the plugin's."""
    if distribution is not None and (said := distribution.read_text("direct_url.json")):
        where = json.loads(said)
        if where.get("dir_info", {}).get("editable"):
            folder = Path(unquote(urlsplit(where["url"]).path))
            if folder.is_dir():
                return folder
    here = Path.cwd()
    return here if plugin in pyproject(here).get("project", {}).get("entry-points", {}).get(GROUP, {}) else None


def pyproject(folder: Path) -> dict[str, Any]:
    """Return what the `pyproject.toml` of a folder says; nothing if there is none that can be read."""
    try:
        return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}
