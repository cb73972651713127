"""One room of a plugin that has several: what it declares, handed over in one piece."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, fields
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler
    from piccolo.table import Table

    from crmcore.app import Crm
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

__all__ = ["Part"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one room of a plugin gives to the CRM, given by `crm_parts`.

    Each attribute stands for the hook `crm_` and its name, and counts as if a function of the plugin had returned it: after
    what that function returns, if there is one, and in the order of the parts. What a plugin has once (settings, migrations)
    and what is asked with arguments stays with the hooks' functions.

    Example:

        TIERS = Part(entities=ENTITIES, events=(LoyaltyTierChanged,), jobs=(recalculate, NIGHTLY))

    Attributes:

        registered: members of open sets.
        permissions: rights that are not about an entity's rows.
        entities: records with table, API, rules and events.
        tables: tables that are no entities.
        fields: fields on entities of others.
        actions: named actions.
        graphql: fields of the schema, lists, subscriptions and types.
        events: what can happen beside the verbs of entities.
        handlers: what follows when something happened.
        jobs: work that can be put off, and schedules.
        background: what runs beside requests.
        routes: makes the HTTP handlers; called when the HTTP application is made.
        commands: makes the commands; called when the command line looks the plugin's name up.
        startup: opens what the part needs while a CRM runs; parts start in their order.
        shutdown: closes what `startup` opened, in reverse order: also when a later part, or another plugin, fails to start.
    """

    registered: tuple[Registered, ...] = ()
    permissions: tuple[Permission, ...] = ()
    entities: tuple[Entity, ...] = ()
    tables: tuple[type[Table], ...] = ()
    fields: tuple[Added, ...] = ()
    actions: tuple[Action[..., Any], ...] = ()
    graphql: tuple[Extension | Listing | Live[Any, Any] | type, ...] = ()
    events: tuple[type[Event], ...] = ()
    handlers: tuple[Inside | After, ...] = ()
    jobs: tuple[Job[Any] | Schedule, ...] = ()
    background: tuple[Service, ...] = ()
    routes: Callable[[], Iterable[ControllerRouterHandler]] | None = None
    commands: Callable[[], Iterable[click.Command]] | None = None
    startup: Callable[[Crm], Awaitable[None]] | None = None
    shutdown: Callable[[Crm], Awaitable[None]] | None = None

    def implementing(self, hook: str) -> Callable[..., Any] | None:
        """Return what answers a hook for this part, with the hook's arguments; None if the part has no share in it."""
        if hook not in _HOOKS:
            return None
        given = getattr(self, hook.removeprefix("crm_"))
        return given if given is None or callable(given) else partial(tuple, given) if given else None


_HOOKS = frozenset(f"crm_{field.name}" for field in fields(Part))
