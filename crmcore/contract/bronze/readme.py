"""Bronze: the README says what the plugin adds, and how to be rid of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from crmcore.contract.about import about
from crmcore.contract.additions import additions
from crmcore.contract.doors import commands_of, routes_of
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.settings import settings_of
from crmcore.contract.subject import Subject
from crmcore.entities.entity import ALL_ACTIONS, Entity

__all__ = ["readme_says_how_to_remove_it", "readme_says_what_it_adds"]

_ROOTS = ("Query", "Mutation", "Subscription")


@rule(Tier.BRONZE)
async def readme_says_what_it_adds(subject: Subject) -> AsyncIterator[Shortfall]:
    """The README is what somebody reads who decides whether to install it; what is not in it is found by accident.

    Each root field, setting, permission and command stands in it by its name, and the path of its HTTP handlers. Of an
    entity the list's name as code is enough (`visits`): what else an entity brings is the same for all.
    """
    if (text := about(subject).readme) is None:
        yield Shortfall("There is no README.", "Write README.md: what it adds, its settings, and how to remove it.")
        return
    for what, name in _added(subject):
        # A list is often called as the plugin is, so that the bare word says nothing.
        pattern = r"[`{{]\s*{0}(?![\w.])" if what == "entity" else r"(?<![\w.]){0}(?!\w)"
        if not re.search(pattern.format(re.escape(name)), text):
            yield Shortfall(f"The README does not name the {what} {name}.", f"Say in a sentence what {name} is for.")


def _added(subject: Subject) -> Iterator[tuple[str, str]]:
    mine = [entity for entity in subject.crm.entities.values() if entity.plugin == subject.name]
    usual = {name for entity in mine for name in _usual(entity)}
    for entity in mine:
        yield "entity", entity.plural
    for addition in additions(subject):
        if addition.owner in _ROOTS and addition.kind == "field" and addition.name not in usual:
            yield "root field", addition.name
    for setting in settings_of(subject):
        yield "setting", setting
    for permission in subject.crm.declared.permissions:
        if permission.plugin == subject.name:
            yield "permission", permission.name
    for command in commands_of(subject):
        yield "command", f"crm {subject.name} {command.name}"
    if routes_of(subject):
        yield "path", f"/plugins/{subject.name}"


def _usual(entity: Entity) -> Iterator[str]:
    """Yield the root fields that every entity has."""
    many = entity.plural[0].upper() + entity.plural[1:]
    yield from (entity.singular, entity.plural, f"{entity.plural}GroupBy", f"{entity.singular}Changed")
    for verb in ALL_ACTIONS:
        yield from (f"{verb}{entity.type_name}", f"{verb}{many}")


@rule(Tier.BRONZE)
async def readme_says_how_to_remove_it(subject: Subject) -> AsyncIterator[Shortfall]:
    """Nobody tries what they cannot get rid of; and who removes the code first cannot remove the tables any more.

    The README has `crm plugin uninstall NAME`, which does both in the right order; `crm migrate --down NAME 0` will do
    too, and `pip uninstall` for a plugin without tables.
    """
    if (text := about(subject).readme) is None:
        return  # that is said by readme-says-what-it-adds
    ways = [f"crm plugin uninstall {subject.name}", f"crm migrate --down {subject.name}"]
    if not subject.crm.declared.tables_of(subject.name):
        ways.append("pip uninstall")
    if not any(way in text for way in ways):
        yield Shortfall("The README does not say how to remove the plugin.", f"Write that `{ways[0]}` removes it.")
