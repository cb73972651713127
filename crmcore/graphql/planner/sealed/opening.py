"""Values that Python opens or masks: where they stand in an answer, and what they are opened for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError

from crmcore.entities.entity import Entity
from crmcore.graphql.planner.answers.walk import objects as objects_of
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.place import Place, Trail
from crmcore.graphql.planner.plan import Node, Obj, Stored, Whose
from crmcore.graphql.planner.sealed.batch import OWNER, Batch, Unseal, Value, show

__all__ = ["Opening", "open_all", "openable", "places"]


@dataclass(frozen=True, slots=True)
class Opening:
    """The objects of one place that hold values to open or to mask.

    Attributes:

        entity: whose records they are.
        trail: how they are walked to.
        sealed: what they hold sealed.
        masked: what they hold plain, to be masked.
        past: whether they are records as they were.
        mark: stands for all of this in what is remembered of its records.
    """

    entity: Entity
    trail: Trail
    sealed: tuple[Value, ...]
    masked: tuple[Value, ...]
    past: bool
    mark: object = field(default_factory=object, compare=False, repr=False)


def openable(
    entity: Entity, alias: str, value: Obj, here: Here, place: Callable[[str], Place], dialect: str
) -> tuple[Obj, Opening | None]:
    """Return an object of a record's values such as Python can open those that are sealed, and how it does.

    Args:

        entity: whose record.
        alias: its alias.
        value: what is shown of it.
        here: where the object stands.
        place: from a key to the field that is null if its value cannot be read.
        dialect: the database's.
    """
    found = [Value(key, node, place(key)) for key, node in value.members if isinstance(node, Stored)]
    if not found:
        return value, None
    sealed = tuple(each for each in found if each.stored.sealed)
    masked = tuple(each for each in found if not each.stored.sealed)
    opening = Opening(entity, here.trail, sealed, masked, here.past)
    if not sealed:
        return value, opening
    assert entity.seal is not None
    owner: Node = Whose(f"{alias}.id", entity.seal.subject_sql(alias, dialect))
    return Obj((*value.members, (OWNER, owner))), opening


async def open_all(whole: Any, openings: Iterable[Opening], unseal: Unseal) -> dict[Trail, GraphQLError]:
    """Open and mask the values of a place in a value that was read as JSON, which is changed.

    All sealed values of an entity are opened in one call.

    Returns:

        Why fields cannot be read, by trail; their values are null.
    """
    batches: dict[tuple[str, bool], Batch] = {}
    for opening in openings:
        objects = objects_of(whole, opening.trail)
        for value in opening.masked:
            show(value, objects, [each[value.key] for each in objects])
        if opening.sealed and objects:
            key = (opening.entity.name, opening.past)
            batch = batches.get(key) or batches.setdefault(key, Batch(opening.entity, unseal, past=opening.past))
            await batch.add(opening.sealed, opening.mark, objects)
    errors: dict[Trail, GraphQLError] = {}
    for batch in batches.values():
        errors |= await batch.open()
    return errors


def places(opening: Opening) -> Iterator[Place]:
    """Yield the fields that may fail."""
    yield from dict.fromkeys(value.place for value in (*opening.sealed, *opening.masked))
