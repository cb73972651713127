"""From settings and plugins to the parts of a CRM: everything that is wrong is gathered and raised once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crmcore.access.narrowings import gathered
from crmcore.contributions import Permission
from crmcore.database.address import Address
from crmcore.database.migrations import MigrationSource
from crmcore.entities.registries import Registered, Registries
from crmcore.entities.registry import Entities
from crmcore.errors import SetupError
from crmcore.events import Handlers
from crmcore.events.types import EventTypes
from crmcore.jobs.routines import Routines
from crmcore.jobs.schedule import Schedule, by_key
from crmcore.plugins import Plugins, load_plugins
from crmcore.plugins.checks import check_declarations, is_whole
from crmcore.plugins.contributed import Contributed, gather, settings_classes
from crmcore.plugins.events import check_events
from crmcore.plugins.fields import check_fields
from crmcore.plugins.references import check_references
from crmcore.plugins.sealing import sealed
from crmcore.settings import Settings, plugin_settings

__all__ = ["Parts", "assemble"]


@dataclass(frozen=True)
class Parts:
    """What a CRM is made of before it has a database.

    Attributes:

        settings: the core's, with the plugins' in `plugins`.
        plugins: in load order.
        declared: everything they declare.
        entities: theirs, with all relations and added fields.
        registries: the open sets.
        permissions: those that are not about rows, by name.
        event_types: what can happen, by key.
        handlers: of events.
        routines: what the names of jobs lead to.
        schedules: what is due again and again, by key.
        migrations: the plugins' folders, with the tables they are to arrive at.
    """

    settings: Settings
    plugins: Plugins
    declared: Contributed
    entities: Entities
    registries: Registries
    permissions: Mapping[str, Permission]
    event_types: EventTypes
    handlers: Handlers
    routines: Routines
    schedules: Mapping[str, Schedule]
    migrations: Sequence[MigrationSource]


def assemble(settings: Settings, objects: Iterable[object] = (), *, installed: bool = True) -> Parts:
    """Load the plugins and put together what they declare.

    Args:

        settings: as `load_settings` gives them, or made by a program.
        objects: plugins a program gives.
        installed: whether to load plugins of installed distributions.

    Raises:

        SetupError: settings or plugins are wrong; each problem is a line.
    """
    problems: list[str] = []
    plugins = load_plugins(settings, objects, installed=installed, problems=problems)
    settings = _settings(settings, plugins, problems)
    declared = gather(plugins, problems)
    check_declarations(plugins, declared, problems)
    migrations = _migrations(declared, problems)
    entities, registries = _entities(declared, problems), _registries(declared, problems)
    if entities:
        check_fields(plugins, declared, entities, problems)
        check_references(plugins, declared, entities, problems)
        check_events(plugins, declared, entities, problems)
        entities = sealed(plugins, declared, entities, settings, problems)
        entities.narrowings = gathered(plugins.ask("crm_narrowings", problems, entities=entities), entities, problems)
    schedules = by_key(declared.schedules, declared.jobs, problems)
    _stop_on(problems)
    types, handlers = EventTypes(entities, declared.events), Handlers(declared.handlers)
    permissions, routines = _permissions(declared), Routines(declared.jobs, handlers)
    return Parts(
        settings, plugins, declared, entities, registries, permissions, types, handlers, routines, schedules, migrations
    )


def resolve_settings(settings: Settings, plugins: Plugins) -> Settings:
    """Return settings with the sections of plugins as the structs these declare.

    Raises:

        SetupError: settings are wrong; each problem is a line.
    """
    problems: list[str] = []
    resolved = _settings(settings, plugins, problems)
    _stop_on(problems)
    return resolved


def _settings(settings: Settings, plugins: Plugins, problems: list[str]) -> Settings:
    problems += settings.origin.problems
    for url in filter(None, (settings.database, settings.replica)):
        try:
            Address.parse(url)
        except SetupError as error:
            problems += error.problems
    if settings.replica and not all(u.startswith("postgres") for u in (settings.database, settings.replica)):
        problems.append("The setting replica is for PostgreSQL databases; a SQLite file has none. Remove it.")
    try:
        ZoneInfo(settings.time_zone)
    except (KeyError, ValueError, OSError):
        msg = f"The setting time_zone is {settings.time_zone!r}, which is no time zone; give an IANA name, as in Europe/Berlin."
        problems.append(msg)
    return plugin_settings(settings, settings_classes(plugins, problems), plugins.disabled, problems)


def _stop_on(problems: list[str]) -> None:
    if problems:
        raise SetupError("cannot-start", problems)


def _migrations(declared: Contributed, problems: list[str]) -> list[MigrationSource]:
    sources = [MigrationSource(name, folder, declared.tables_of(name)) for name, folder in declared.migrations.items()]
    for source in sources:
        try:
            _ = source.files
        except SetupError as error:
            problems += error.problems
    return sources


def _entities(declared: Contributed, problems: list[str]) -> Entities:
    try:
        return Entities(filter(is_whole, declared.entities), declared.added)
    except SetupError as error:
        problems += error.problems
        return Entities(())


def _permissions(declared: Contributed) -> dict[str, Permission]:
    return {permission.name: permission for permission in declared.permissions}


def _registries(declared: Contributed, problems: list[str]) -> Registries:
    names = {said.registry for entity in filter(is_whole, declared.entities) for said in entity.facts.values()}
    # Roles and tokens name permissions, so those are an open set like any other.
    permissions = [
        Registered("permissions", p.name, p.name, p.description, p.plugin) for p in _permissions(declared).values()
    ]
    try:
        return Registries([*declared.registered, *permissions], {"permissions", *filter(None, names)})
    except SetupError as error:
        problems += error.problems
        return Registries()
