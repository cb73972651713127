"""From settings and plugins to the parts of a CRM: everything that is wrong is gathered and raised once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crmcore.contributions import Permission
from crmcore.database.address import Address
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities
from crmcore.errors import SetupError
from crmcore.events import Handlers
from crmcore.plugins import Plugins, load_plugins
from crmcore.plugins.checks import check_declarations
from crmcore.plugins.contributed import Contributed, gather, settings_classes
from crmcore.plugins.fields import check_fields
from crmcore.plugins.references import check_references
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
        handlers: of events.
    """

    settings: Settings
    plugins: Plugins
    declared: Contributed
    entities: Entities
    registries: Registries
    permissions: Mapping[str, Permission]
    handlers: Handlers


def assemble(settings: Settings, objects: Iterable[object] = (), *, installed: bool = True) -> Parts:
    """Load the plugins and put together what they declare.

    Args:

        settings: as `load_settings` gives them, or made by a program.
        objects: plugins a program gives.
        installed: whether to load plugins of installed distributions.

    Raises:

        SetupError: settings or plugins are wrong; each problem is a line.
    """
    problems = list(settings.origin.problems)
    plugins = load_plugins(settings, objects, installed=installed, problems=problems)
    settings = plugin_settings(settings, settings_classes(plugins, problems), plugins.disabled, problems)
    declared = gather(plugins, problems)
    check_declarations(plugins, declared, problems)
    # What follows would stumble over declarations that are not whole.
    _stop_on(problems)
    entities, registries = _entities(declared, problems), _registries(declared, problems)
    _check_address(settings, problems)
    if entities is not None:
        check_fields(plugins, declared, entities, problems)
        check_references(plugins, declared, entities, problems)
    _stop_on(problems)
    permissions = {p.name: p for p in declared.permissions}
    return Parts(settings, plugins, declared, entities, registries, permissions, Handlers(declared.handlers))


def _stop_on(problems: list[str]) -> None:
    if problems:
        raise SetupError("cannot-start", problems)


def _check_address(settings: Settings, problems: list[str]) -> None:
    try:
        Address.parse(settings.database)
    except SetupError as error:
        problems += error.problems


def _entities(declared: Contributed, problems: list[str]) -> Entities | None:
    try:
        return Entities(declared.entities, declared.added)
    except SetupError as error:
        problems += error.problems
        return None


def _registries(declared: Contributed, problems: list[str]) -> Registries:
    names = {said.registry for entity in declared.entities for said in entity.facts.values() if said.registry}
    try:
        return Registries(declared.registered, names)
    except SetupError as error:
        problems += error.problems
        return Registries()
