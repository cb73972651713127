"""Do the entities exist that plugins' lists and actions speak of?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crmcore.entities.registry import Entities
from crmcore.plugins.contributed import Contributed
from crmcore.plugins.plugin import Plugin
from crmcore.settings.reader import closest

__all__ = ["check_references"]


def check_references(plugins: Iterable[Plugin], declared: Contributed, entities: Entities, problems: list[str]) -> None:
    """Note every name of an entity that no plugin declares."""
    by_name = {plugin.name: plugin for plugin in plugins}
    for plugin, where, entity in _mentioned(declared):
        if entity not in entities:
            problems.append(
                f"{by_name[plugin]}: {where} speaks of the entity {entity!r}; {closest(entity, list(entities))}"
            )


def _mentioned(declared: Contributed) -> Iterator[tuple[str, str, str]]:
    for listing in declared.listings:
        yield listing.plugin, f"the list {listing.name}", listing.entity
    for action in declared.actions:
        where = f"the action {action.name}"
        if isinstance(action.returns, str):
            yield action.plugin, where, action.returns
        for parameter in action.parameters:
            if parameter.ref is not None and parameter.ref.entity != "*":
                yield action.plugin, f"{where}({parameter.name})", parameter.ref.entity
