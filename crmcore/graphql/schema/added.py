"""What plugins add to types that are not theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.field import StrawberryField

from crmcore.entities.registry import Giver
from crmcore.graphql.schema.gathered import Gathered, graphql_name
from crmcore.graphql.types.entities import Types

if TYPE_CHECKING:
    from crmcore.plugins.contributed import Contributed

__all__ = ["added_fields"]


def added_fields(
    types: Types, gathered: dict[str | type, Gathered], contributed: Contributed | None, problems: list[str]
) -> Mapping[str | type, Sequence[StrawberryField]]:
    """Return the fields that plugins add, by the name or the class of their types.

    Args:

        types: of the entities.
        gathered: the fields known so far of the types that several parties give; grows.
        contributed: what plugins declare.
        problems: gets a line for every clash and every type that cannot be added to.
    """
    found: dict[str | type, list[StrawberryField]] = {}
    for extension in contributed.extensions if contributed else ():
        target, field = extension.target, extension.field
        definition = _extensible(types, target)
        if definition is None:
            problems.append(
                f"Plugin {extension.plugin!r} adds {graphql_name(field)} to {target!r}; fields can be added to Query, "
                "Mutation, the types of entities and the classes of plugins."
            )
            continue
        if target not in gathered:
            gathered[target] = _gathered(types, definition, problems)
        before = len(gathered[target].fields)
        gathered[target].add(Giver(extension.plugin, extension.since), [field])
        found.setdefault(target, []).extend(gathered[target].fields[before:])
    return found


def _extensible(types: Types, target: str | type) -> StrawberryObjectDefinition | None:
    if isinstance(target, str):
        names = {"Query", "Mutation", *(e.type_name for e in types.entities.values())}
        return get_object_definition(types.forge.known(target)) if target in names else None
    definition = get_object_definition(target)
    own = definition is not None and not definition.is_input and not target.__module__.startswith("crmcore.graphql.")
    return definition if own else None


def _gathered(types: Types, definition: StrawberryObjectDefinition, problems: list[str]) -> Gathered:
    known = Gathered(definition.name, problems)
    entity = next((e.name for e in types.entities.values() if e.type_name == definition.name), None)
    for field in definition.fields:
        known.add(
            types.entities.giver(entity, graphql_name(field)) if entity else Giver(definition.origin.__module__),
            [field],
        )
    return known
