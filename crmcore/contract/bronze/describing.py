"""Bronze: everything a plugin adds says what it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import msgspec

from crmcore.contract.additions import Addition, additions
from crmcore.contract.doors import commands_of
from crmcore.contract.refusals import Refused, refusals
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.settings import settings_class
from crmcore.contract.subject import Subject
from crmcore.settings.describe import attributes

__all__ = ["every_addition_is_described"]


@rule(Tier.BRONZE)
async def every_addition_is_described(subject: Subject) -> AsyncIterator[Shortfall]:
    """Who writes a client sees the schema and nothing else; what has no description is guessed at, and guessed wrong.

    Every type, field, argument, input field and enum value that is in the schema because of the plugin has a
    description; so do its settings (in the docstring's `Attributes:` section), permissions, members of open sets, and
    commands.
    """
    for shortfall in refusals(subject, Refused.DESCRIPTION):
        yield shortfall
    for addition in additions(subject):
        if not addition.described:
            yield Shortfall(f"{addition.path} has no description.", _fix(addition))
    for shortfall in _beside_the_schema(subject):
        yield shortfall


def _fix(addition: Addition) -> str:
    match addition.kind:
        case "type":
            return "Say what one of it is: @strawberry.type(description=…), strawberry.enum(…, description=…)."
        case "argument":
            return "Say what it means: Annotated[…, strawberry.argument(description=…)]."
        case "value":
            return "Say when it is meant: strawberry.enum_value(…, description=…)."
        case "field":
            return "Say what it gives, with its unit: strawberry.field(description=…)."


def _beside_the_schema(subject: Subject) -> Iterator[Shortfall]:
    yield from _settings(subject)
    for permission in subject.crm.declared.permissions:
        if permission.plugin == subject.name and not permission.description.strip():
            fix = f'Permission({permission.name!r}, "One sentence for those who give roles.")'
            yield Shortfall(f"The permission {permission.name} has no description.", fix)
    for member in subject.crm.declared.registered:
        if member.plugin == subject.name and not member.description.strip():
            fix = "Give Registered(…) a description: one sentence that says when it is used."
            yield Shortfall(f"The member {member.key} of {member.registry} has no description.", fix)
    for command in commands_of(subject):
        if not (command.help or "").strip():
            fix = "Give its function a docstring; the first line is shown by crm --help."
            yield Shortfall(f"The command crm {subject.name} {command.name} has no description.", fix)


def _settings(subject: Subject) -> Iterator[Shortfall]:
    if (kind := settings_class(subject)) is None:
        return
    said = attributes(kind)
    for field in msgspec.structs.fields(kind):
        if not said.get(field.name):
            fix = f"Name it in the Attributes: section of {kind.__name__}'s docstring."
            yield Shortfall(f"The setting {field.name} has no description.", fix)
