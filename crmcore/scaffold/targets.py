"""Where the links of a new entity may lead: crmcore's own entities, and those of the plugin."""

from __future__ import annotations

import ast

from crmcore.entities.entity import Entity, snake
from crmcore.scaffold.columns import LinkTarget
from crmcore.scaffold.names import EntityNames

__all__ = ["core_targets", "own_targets"]


def core_targets() -> dict[str, LinkTarget]:
    """Return crmcore's entities that can be linked to, by name."""
    # Heavy: the parts of crmcore that declare entities.
    from crmcore.plugins.discovery import built_in

    found: dict[str, LinkTarget] = {}
    for plugin in built_in():
        entities: list[Entity] = list(getattr(plugin.implementation, "crm_entities", list)())
        for entity in entities:
            package = _public(entity.table.__module__)
            found[entity.name] = LinkTarget(f"{package}:{entity.table.__name__}", entity.tablename)
    return found


def own_targets(source: str | None, new: EntityNames) -> dict[str, LinkTarget]:
    """Return the entities of a plugin's `tables.py`, and the new one, which may link to itself."""
    found = {new.name: LinkTarget('"self"', new.table, own=True)}
    for node in ast.parse(source or "").body:
        if isinstance(node, ast.ClassDef):
            for given in node.keywords:
                if given.arg == "tablename" and isinstance(given.value, ast.Constant):
                    found[snake(node.name)] = LinkTarget(node.name, str(given.value.value), own=True)
    return found


def _public(module: str) -> str:
    """Return the package `tables` of a module within it, which names all its tables."""
    parts = module.split(".")
    return ".".join(parts[: parts.index("tables") + 1]) if "tables" in parts else module
