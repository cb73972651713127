"""The doors a plugin opens beside GraphQL: its commands and its HTTP handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore.contract.subject import Subject

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler

__all__ = ["commands_of", "routes_of"]


def commands_of(subject: Subject) -> list[click.Command]:
    """Return the commands a plugin brings."""
    return dict(subject.crm.plugins.commands()).get(subject.name, [])


def routes_of(subject: Subject) -> list[ControllerRouterHandler]:
    """Return the HTTP handlers a plugin brings."""
    return dict(subject.crm.plugins.routes()).get(subject.name, [])
