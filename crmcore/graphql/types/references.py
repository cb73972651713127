"""Entity types in a plugin's annotations: `Annotated[RecordRef, Ref("customer")]` means the GraphQL type Customer.

The types of entities are made anew with every schema, so a plugin has no class to name; it gives a `RecordRef`, and the
planner reads what the client selected of that record. An amount is a `Money` there as everywhere.
"""

from __future__ import annotations

import copy
import types as builtin_types
from typing import Annotated, Any, Union, get_args, get_origin

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from crmcore.database.money import Money
from crmcore.entities.action import RecordRef, Ref
from crmcore.graphql.mutations.payloads import record_result
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.forge import backing, optional
from crmcore.graphql.types.problem import Problem
from crmcore.graphql.types.structures import Money as MoneyType
from crmcore.graphql.types.structures import Node

__all__ = ["with_entity_types"]


def with_entity_types(types: Types, field: StrawberryField) -> StrawberryField:
    """Return the field with entity types in place of references; the field itself if it has none."""
    annotation = None if backing(field) is not None else _annotation(field)
    if annotation is None:
        return field
    replaced = _replaced(types, annotation)
    if replaced is annotation:
        return field
    # A copy: the plugin's field object is shared by all schemas of the process.
    bound = copy.copy(field)
    bound.type_annotation = StrawberryAnnotation(replaced)
    return bound


def _annotation(field: StrawberryField) -> Any:
    said = field.type_annotation
    if said is None and field.base_resolver is not None:
        said = field.base_resolver.type_annotation
    if said is None:
        return None
    try:
        return said.evaluate()
    except NameError:
        # Strawberry resolves forward references later and has its own words for those it cannot.
        return None


def _replaced(types: Types, annotation: Any) -> Any:
    if annotation is Money:
        return MoneyType
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *notes = get_args(annotation)
        ref = next((n for n in notes if isinstance(n, Ref)), None)
        if ref is not None and inner is RecordRef:
            return Node if ref.entity == "*" else types.of(types.entities[ref.entity])
        if ref is not None:
            return _replaced(types, _pushed(inner, ref))
        return annotation
    if origin is list:
        (item,) = get_args(annotation)
        new = _replaced(types, item)
        return annotation if new is item else list[new]  # type: ignore[valid-type]
    if origin in (Union, builtin_types.UnionType):
        members = get_args(annotation)
        replaced = tuple(_replaced(types, m) for m in members)
        return (
            annotation
            if all(a is b for a, b in zip(members, replaced, strict=True))
            else _union(types, members, replaced)
        )
    return annotation


def _pushed(annotation: Any, ref: Ref) -> Any:
    # Annotated[list[RecordRef] | None, Ref("task")] says the same as list[Annotated[RecordRef, Ref("task")]] | None.
    if annotation is RecordRef:
        return Annotated[RecordRef, ref]
    arguments = tuple(_pushed(a, ref) for a in get_args(annotation))
    if get_origin(annotation) is list:
        return list[arguments]  # type: ignore[valid-type]
    return Union[arguments] if arguments else annotation


def _union(types: Types, members: tuple[Any, ...], replaced: tuple[Any, ...]) -> Any:
    null = (type(None),) if type(None) in members else ()
    kept = [r for r in replaced if r is not type(None)]
    if len(kept) == 2 and Problem in kept:
        (entity,) = [e for e in types.entities.values() if types.of(e) in kept]
        result = record_result(types, entity)
        return optional(result) if null else result
    return Union[(*kept, *null)]
