"""Bronze: what a plugin adds carries its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

from crmcore.contract.additions import additions
from crmcore.contract.refusals import Refused, refusals
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.plugins.names import belongs, example

__all__ = ["names_carry_the_prefix"]


@rule(Tier.BRONZE)
async def names_carry_the_prefix(subject: Subject) -> AsyncIterator[Shortfall]:
    """Two plugins that never heard of each other are installed side by side; names that carry their plugin's cannot collide.

    Tables, types, enums, root fields, fields on types of others, permissions, events and actions begin with the plugin's
    name (a final s may be dropped: the plugin `tasks` has `Task`). The host refuses most of what does not; this rule
    also looks at the classes that end up in the schema because a column or a field speaks of them.
    """
    for shortfall in refusals(subject, Refused.NAME):
        yield shortfall
    for shortfall in _classes(subject):
        yield shortfall


def _classes(subject: Subject) -> Iterator[Shortfall]:
    for addition in additions(subject):
        if addition.kind != "type" or belongs(subject.plugin, addition.name):
            continue
        if (module := _written_in(subject, addition.name)) and not module.startswith("crmcore."):
            better = example(subject.plugin, addition.name)
            yield Shortfall(
                f"The type {addition.name} ({module}) is added to the schema without the plugin's name.",
                f"Name the class for example {better}.",
            )


def _written_in(subject: Subject, name: str) -> str | None:
    definition = subject.crm.schema.get_type_by_name(name)
    if isinstance(definition, StrawberryObjectDefinition):
        return definition.origin.__module__
    if isinstance(definition, StrawberryEnumDefinition):
        return definition.wrapped_cls.__module__
    return None
