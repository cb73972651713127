"""What one part of the plugin gives to the CRM; `plugin` puts the parts together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmcore import (
    Action,
    Added,
    After,
    Entity,
    Event,
    Extension,
    Inside,
    Job,
    Listing,
    Live,
    Permission,
    Registered,
    Schedule,
)

if TYPE_CHECKING:
    import click
    from piccolo.table import Table

__all__ = ["Part"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One folder's share of each hook; `commands` is called only when the command line asks."""

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
    commands: Callable[[], Iterable[click.Command]] = tuple
