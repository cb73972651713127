"""What all plugins declare, asked for once, hook by hook, each declaration marked with its giver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from piccolo.table import Table

from crmcore.contributions import Extension, Listing, Permission
from crmcore.entities.action import Action
from crmcore.entities.entity import Entity
from crmcore.entities.registries import Registered
from crmcore.entities.registry import Added
from crmcore.events import After, Event, Inside
from crmcore.events.live import Live
from crmcore.jobs.job import Job
from crmcore.jobs.schedule import Schedule
from crmcore.jobs.service import Service
from crmcore.plugins.plugin import Plugin
from crmcore.plugins.plugins import Plugins

__all__ = ["Contributed", "gather", "settings_classes"]


@dataclass(frozen=True)
class Contributed:
    """Everything plugins declare, in load order.

    Attributes:

        plugins: the names of all plugins.
        tables: tables that are no entities, with the plugin's name.
        migrations: folders of migrations, by plugin name.
        types: Strawberry types that nothing refers to, with the plugin's name.
        events: kinds of events beside the five that every entity has, with the plugin's name.
    """

    plugins: tuple[str, ...]
    registered: list[Registered]
    permissions: list[Permission]
    entities: list[Entity]
    tables: list[tuple[str, type[Table]]]
    added: list[Added]
    migrations: dict[str, Path]
    actions: list[Action[..., Any]]
    extensions: list[Extension]
    listings: list[Listing]
    lives: list[Live[Any, Any]]
    types: list[tuple[str, type]]
    events: list[tuple[str, type[Event]]]
    handlers: list[Inside | After]
    jobs: list[Job[Any]]
    schedules: list[Schedule]
    services: list[Service]

    def tables_of(self, plugin: str) -> list[type[Table]]:
        """Return all tables of a plugin, entities' first."""
        return [*(e.table for e in self.entities if e.plugin == plugin), *(t for p, t in self.tables if p == plugin)]


def settings_classes(plugins: Plugins, problems: list[str]) -> dict[str, type[msgspec.Struct] | None]:
    """Ask every plugin for its settings' class; None for those that have none."""
    found: dict[str, type[msgspec.Struct] | None] = {plugin.name: None for plugin in plugins}
    for plugin, answer in plugins.ask("crm_settings", problems):
        if isinstance(answer, type) and issubclass(answer, msgspec.Struct):
            found[plugin.name] = answer
        else:
            problems.append(f"{plugin} gives {answer!r} by crm_settings; give a class made with msgspec.Struct.")
    return found


def gather(plugins: Plugins, problems: list[str]) -> Contributed:
    """Ask every plugin for everything else it declares; answers of a wrong type are noted as problems."""

    def each(hook: str, *kinds: type) -> Iterator[tuple[Plugin, Any]]:
        for plugin, answer in plugins.ask(hook, problems):
            yield from ((plugin, item) for item in _items(plugin, hook, answer, kinds, problems))

    def marked(hook: str, *kinds: type) -> list[Any]:
        return [replace(item, plugin=plugin.name) for plugin, item in each(hook, *kinds)]

    registered, permissions = marked("crm_registered", Registered), marked("crm_permissions", Permission)
    entities = marked("crm_entities", Entity)
    tables = list(_tables(each("crm_tables", type), problems))
    added = marked("crm_fields", Added)
    migrations = _migrations(plugins, problems)
    actions = marked("crm_actions", Action)
    jobs = marked("crm_jobs", Job, Schedule)
    graphql = list(each("crm_graphql", Extension, Listing, Live, type))
    return Contributed(
        tuple(plugin.name for plugin in plugins),
        registered,
        permissions,
        entities,
        tables,
        added,
        migrations,
        actions,
        [replace(item, plugin=plugin.name) for plugin, item in graphql if isinstance(item, Extension)],
        [replace(item, plugin=plugin.name) for plugin, item in graphql if isinstance(item, Listing)],
        [replace(item, plugin=plugin.name) for plugin, item in graphql if isinstance(item, Live)],
        [(plugin.name, item) for plugin, item in graphql if isinstance(item, type)],
        [(plugin.name, cls) for plugin, cls in each("crm_events", type)],
        marked("crm_handlers", Inside, After),
        [item for item in jobs if isinstance(item, Job)],
        [item for item in jobs if isinstance(item, Schedule)],
        marked("crm_background", Service),
    )


def _tables(given: Iterable[tuple[Plugin, Any]], problems: list[str]) -> Iterator[tuple[str, type[Table]]]:
    for plugin, table in given:
        if issubclass(table, Table):
            yield plugin.name, table
        else:
            problems.append(f"{plugin} gives {table!r} by crm_tables; each item must be a Piccolo table.")


def _migrations(plugins: Plugins, problems: list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for plugin, folder in plugins.ask("crm_migrations", problems):
        if isinstance(folder, Path) and folder.is_dir():
            found[plugin.name] = folder
        else:
            problems.append(f"{plugin} gives {folder!r} by crm_migrations; give the Path of a folder that exists.")
    return found


def _items(plugin: Plugin, hook: str, answer: Any, kinds: tuple[type, ...], problems: list[str]) -> Iterator[Any]:
    words = " or ".join(k.__name__ for k in kinds)
    if not isinstance(answer, Iterable) or isinstance(answer, str):
        problems.append(f"{plugin} gives {answer!r} by {hook}; give a list of {words}.")
        return
    for item in answer:
        if isinstance(item, kinds):
            yield item
        else:
            problems.append(f"{plugin} gives {item!r} by {hook}; each item must be {words}.")
