"""What mutations return: the record or a problem, and for batches what became of each row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from strawberry.types.field import StrawberryField

from crmcore.entities.entity import Entity
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.forge import field, many, optional
from crmcore.graphql.types.problem import Problem
from crmcore.graphql.types.structures import Destroyed

__all__ = ["batch_result", "destroy_result", "record_result"]


def record_result(types: Types, entity: Entity) -> Any:
    """Return `union CustomerResult = Customer | Problem`."""
    description = f"The {entity.name.replace('_', ' ')}, or why not."
    return types.forge.union(f"{entity.type_name}Result", description, (types.of(entity), Problem))


def destroy_result(types: Types) -> Any:
    """Return `union DestroyResult = Destroyed | Problem`."""
    return types.forge.union("DestroyResult", "What destroying a record gives.", (Destroyed, Problem))


def batch_result(types: Types, entity: Entity) -> Any:
    """Return `union CustomerBatchResult = CustomerBatch | Problem`."""

    def fields() -> Iterable[StrawberryField]:
        yield field("results", many(_row(types, entity)), "One for each row given, in the order given.")
        yield field("succeeded", int, "How many rows were written.")
        yield field("failed", int, "How many rows were refused.")

    rows = types.forge.object(f"{entity.type_name}Batch", f"What became of a batch of {entity.plural}.", fields)
    description = f"What became of a batch of {entity.plural}, or why nothing did."
    return types.forge.union(f"{entity.type_name}BatchResult", description, (rows, Problem))


def _row(types: Types, entity: Entity) -> Any:
    def fields() -> Iterable[StrawberryField]:
        yield field("index", int, "Which row, counted from 0.")
        yield field("record", optional(types.of(entity)), "The record; null if the row was refused.")
        yield field("problem", optional(Problem), "Why the row was refused; null if it was written.")

    return types.forge.object(
        f"{entity.type_name}BatchRow", f"What became of one row of a batch of {entity.plural}.", fields
    )
