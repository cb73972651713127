"""A new plugin: the files that every plugin has, and what it was asked to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from crmcore import clock
from crmcore._version import __version__
from crmcore.scaffold.adding import add_entity
from crmcore.scaffold.field import Field
from crmcore.scaffold.names import PluginNames, entity_names
from crmcore.scaffold.parts import PARTS, add_part
from crmcore.scaffold.refusing import refused
from crmcore.scaffold.source_tree import SourceTree
from crmcore.scaffold.templates import files, filled
from crmcore.scaffold.tree import Tree

__all__ = ["LICENSES", "new_plugin", "version_range"]

#: What `--license` may be: SPDX expressions, each with a template.
LICENSES = ("MIT", "Apache-2.0", "LicenseRef-Proprietary")


def new_plugin(
    plugin: PluginNames,
    root: Path,
    parts: Iterable[str],
    fields: tuple[Field, ...],
    *,
    license: str = "MIT",
    author: str | None = None,
) -> SourceTree:
    """Prepare a plugin's files; `.files.write()` writes them.

    Args:

        plugin: its names.
        root: its folder, which is not there yet.
        parts: `entity`, any of `PARTS`, and `seed`, for the fields that an entity has of which nothing was said.
        fields: of its first entity.
        license: one of `LICENSES`.
        author: who owns it.

    Raises:

        SetupError: its folder is there already, or a link leads nowhere.
    """
    if root.exists():
        msg = f"{root} is there already; choose another place, or add to it by crm plugin add --in {root}."
        raise refused(msg)
    tree = SourceTree(plugin, Tree(root), f"{plugin.package}/plugin.py", plugin.package)
    author = author or f"The authors of {plugin.distribution}"
    words = {**tree.words, "range": version_range(), "license": license, "author": author}
    words |= {"author_quoted": json.dumps(author, ensure_ascii=False), "year": str(clock.now().year)}
    for path, text in files("plugin", words):
        tree.files.add(path, text)
    tree.files.add("LICENSE", filled(f"licenses/{license}", words))
    asked = set(parts)
    if "entity" in asked:
        add_entity(tree, entity_names(plugin, None), fields or _FIELDS)
    for part in (*PARTS, "seed"):
        if part in asked:
            add_part(tree, part, entity=entity_names(plugin, None).name)
    return tree


#: Of an entity of which nothing was said.
_FIELDS = (
    Field("name", "text"),
    Field("notes", "longtext", null=True),
    Field("happened_at", "instant", null=True),
    Field("customer", "link", null=True, target="customer"),
)


def version_range() -> str:
    """Return the versions of crmcore that a plugin begun today works with: up to the next that may take something away."""
    major, minor = (int(number) for number in __version__.split(".")[:2])
    return f">={major}.{minor},<{f'0.{minor + 1}' if major == 0 else major + 1}"
