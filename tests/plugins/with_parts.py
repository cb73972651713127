"""A plugin of two rooms, each of which declares its own share."""

from __future__ import annotations

from collections.abc import Iterable

import click

from crmcore import Crm, Part, Permission, hookimpl

plugin_name = "house"

told: list[str] = []


@click.command
def knock() -> None:
    """Ask who is there."""


async def light(crm: Crm) -> None:
    """Put the kitchen's light on."""
    told.append("kitchen on")


async def dark(crm: Crm) -> None:
    """Put it out."""
    told.append("kitchen off")


KITCHEN = Part(permissions=(Permission("house.cook", "Cook."),), startup=light, shutdown=dark)
HALL = Part(permissions=(Permission("house.enter", "Come in."),), commands=lambda: [knock])


@hookimpl
def crm_parts() -> Iterable[Part]:
    """The kitchen before the hall."""
    return [KITCHEN, HALL]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """What belongs to no room."""
    return [Permission("house.sell", "Sell the house.")]
