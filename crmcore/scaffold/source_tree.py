"""The source tree of a plugin that is to be added to: which plugin it is, and where its package lies."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from crmcore.plugins.discovery import GROUP
from crmcore.scaffold.names import PluginNames
from crmcore.scaffold.refusing import refused
from crmcore.scaffold.tree import Tree

__all__ = ["SourceTree", "source_tree"]


@dataclass(frozen=True)
class SourceTree:
    """A plugin's files.

    Attributes:

        plugin: its names.
        files: the files, as they will be.
        module: path of the module that the entry point names.
        import_name: the package as Python imports it.
    """

    plugin: PluginNames
    files: Tree
    module: str
    import_name: str

    @property
    def package(self) -> str:
        """Path of the folder in which the module lies."""
        return self.module.rpartition("/")[0]

    @property
    def words(self) -> dict[str, str]:
        """What templates say of the plugin."""
        return {
            "name": self.plugin.name,
            "NAME": self.plugin.name.upper(),
            "Title": self.plugin.title,
            "distribution": self.plugin.distribution,
            "package": self.import_name,
        }

    def placed(self, path: str) -> str:
        """Return where a template's path lies, whose first part is the package's import name where it belongs in there."""
        head, _, rest = path.partition("/")
        return f"{self.package}/{rest}" if head == self.import_name else path


def source_tree(folder: Path) -> SourceTree:
    """Find the plugin in a folder.

    Raises:

        SetupError: there is none, or it is not laid out so that it can be added to.
    """
    file = folder / "pyproject.toml"
    if not file.is_file():
        msg = f"There is no {file}; go to the plugin's folder, or name it by --in."
        raise refused(msg)
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        msg = f"{file} cannot be read: {error}."
        raise refused(msg) from None
    plugins = found.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if len(plugins) != 1:
        msg = f"{file} has {len(plugins) or 'no'} entry points of the group {GROUP}; it must have one."
        raise refused(msg)
    ((name, module),) = plugins.items()
    for root in ("", "src/"):
        path = f"{root}{module.replace('.', '/')}.py"
        if (folder / path).is_file() and "." in module:
            return SourceTree(PluginNames(name), Tree(folder), path, module.rpartition(".")[0])
    msg = (
        f"The entry point {name} = {module!r} of {file} is no module of a package in {folder} or {folder / 'src'}; "
        "have the hooks in a module such as crmcore_visits/plugin.py."
    )
    raise refused(msg)
