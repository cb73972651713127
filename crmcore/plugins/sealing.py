"""Which columns are stored sealed: one plugin at most says so, of columns that can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from crmcore.database.sqlite.sealed import let_through
from crmcore.entities.registry import Entities
from crmcore.entities.sealable import unsealable
from crmcore.plugins.plugins import Plugins

if TYPE_CHECKING:
    from crmcore.entities.sealing import Seal
    from crmcore.plugins.contributed import Contributed
    from crmcore.plugins.plugin import Plugin
    from crmcore.settings import Settings

__all__ = ["sealed"]


def sealed(
    plugins: Plugins, declared: Contributed, entities: Entities, settings: Settings, problems: list[str]
) -> Entities:
    """Return the entities, each with what seals it; whatever cannot be is a problem."""
    answers = list(plugins.ask("crm_sealing", problems, entities=entities, settings=settings))
    givers = [(plugin, seals) for plugin, seals in answers if seals]
    if len(givers) > 1:
        problems.append(
            f"{' and '.join(str(plugin) for plugin, _ in givers)} both seal columns; one value cannot be sealed twice: disable one."
        )
    if len(givers) != 1:
        return entities
    plugin, seals = givers[0]
    found = list(_problems(plugin, seals, entities))
    problems += found
    return entities if found else _with(entities, seals, declared)


def _with(entities: Entities, seals: Mapping[str, Seal], declared: Contributed) -> Entities:
    let_through()
    made = [
        replace(entity, seal=seals[name], sealed=frozenset(seals[name].columns)) if name in seals else entity
        for name, entity in entities.items()
    ]
    return Entities(made, declared.added)


def _problems(plugin: Plugin, seals: object, entities: Entities) -> Iterator[str]:
    if not isinstance(seals, Mapping):
        yield f"{plugin} gives {seals!r} by crm_sealing; give what seals by the name of the entity."
        return
    for name, seal in seals.items():
        if name not in entities:
            yield f"{plugin} seals columns of {name!r}, which no plugin declares; install the plugin that does."
            continue
        entity = entities[name]
        for column, said in seal.columns.items():
            if why := unsealable(entity, column, said):
                yield f"{plugin} seals {name}.{column}, which cannot be: {why}"
        for column in seal.subject_columns:
            if column not in entity.columns:
                yield f"{plugin} finds whose data {name} is by {column!r}, which is no column of {entity.tablename}."
