"""What one part of the plugin gives to the CRM; `plugin` puts the parts together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmcore import (
    Action,
    Added,
    After,
    Crm,
    Entity,
    Event,
    Extension,
    Inside,
    Job,
    Listing,
    Live,
    Narrowing,
    Permission,
    Registered,
    Schedule,
    Service,
)

if TYPE_CHECKING:
    import click
    from piccolo.table import Table

__all__ = ["Part"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One folder's share of each hook.

    Attributes:

        startup: called in the order of the parts when a CRM starts; `compliance_of(crm)` is there.
        shutdown: called in reverse order when it stops.
        commands: called only when the command line asks.
        narrowings: given all entities, the conditions that keep rows back.
        evidence: what it adds to the evidence pack: files by name.
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
    services: tuple[Service, ...] = ()
    commands: Callable[[], Iterable[click.Command]] = tuple
    startup: tuple[Callable[[Crm], Awaitable[None]], ...] = ()
    shutdown: tuple[Callable[[Crm], Awaitable[None]], ...] = ()
    narrowings: Callable[[Mapping[str, Entity]], Iterable[Narrowing]] = lambda _: ()
    evidence: Callable[[Crm], Awaitable[Mapping[str, bytes]]] | None = None
