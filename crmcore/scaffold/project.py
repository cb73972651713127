"""A new project: a CRM for one installation, with settings, a plugin of its own, tests, and what a server needs."""

from __future__ import annotations

from pathlib import Path

from crmcore.scaffold.field import Field
from crmcore.scaffold.names import PluginNames
from crmcore.scaffold.new import new_plugin, version_range
from crmcore.scaffold.refusing import refused
from crmcore.scaffold.templates import files
from crmcore.scaffold.tree import Tree

__all__ = ["new_project"]

#: These run, so they must be allowed to.
_PROGRAMS = ("deploy/backup.sh",)
#: What the plugin alone would need and the project has for both.
_PROJECTS_OWN = (".github/workflows/test.yml", ".gitignore", "tox.ini")


def new_project(plugin: PluginNames, into: Path, fields: tuple[Field, ...], author: str | None = None) -> Path:
    """Write a project, in a folder named as its plugin.

    Args:

        plugin: names of the plugin it has, and its own.
        into: the folder in which its folder is made.
        fields: of the first entity of its plugin.
        author: who owns it.

    Returns:

        its folder.

    Raises:

        SetupError: its folder is there already, or a link leads nowhere; nothing was written.
    """
    root = into / plugin.name
    if root.exists():
        msg = f"{root} is there already; choose another name, or another --into."
        raise refused(msg)
    # Demonstration data is made for the fields that an entity has if nobody says which.
    parts = ["entity"] if fields else ["entity", "seed"]
    own = new_plugin(
        plugin, root / "plugins" / plugin.name, parts, fields, license="LicenseRef-Proprietary", author=author
    )
    own.files.leave_out(_PROJECTS_OWN)
    tree = Tree(root)
    for path, text in files("project", {**own.words, "range": version_range()}):
        tree.add(path, text)
    tree.write()
    own.files.write()
    for program in _PROGRAMS:
        (root / program).chmod(0o755)
    return root
