"""Distributions that bring plugins, as an installer leaves them behind, without an installer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

__all__ = ["GROUP", "Site"]

#: An entry-point group of the tests' own, so that plugins of this machine have no part in them.
GROUP = "crmcore.plugins.tests"


class Site:
    """A folder of installed distributions, to be put on `sys.path`; `modules` names what they bring."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.modules: list[str] = []

    def add(
        self,
        plugin: str,
        *,
        distribution: str | None = None,
        version: str = "1.0",
        requires: Sequence[str] = (),
        code: str = "",
    ) -> None:
        """Install a distribution with one plugin, whose module has this code below the import of hookimpl."""
        distribution = distribution or f"crm-{plugin}"
        module = f"{distribution}_{plugin}_module".replace("-", "_")
        self.modules.append(module)
        (self._folder / f"{module}.py").write_text(f"from crmcore import hookimpl\n{dedent(code)}", "utf-8")
        record = self._folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        record.mkdir()
        needs = "".join(f"Requires-Dist: {r}\n" for r in requires)
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}")
        (record / "entry_points.txt").write_text(f"[{GROUP}]\n{plugin} = {module}\n")
