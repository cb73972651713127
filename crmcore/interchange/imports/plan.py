"""What an import does with each row: a mapping bound to this CRM's entities and to the columns of one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmcore.entities.entity import Entity
from crmcore.interchange.imports.mapping import Move, Record, Source
from crmcore.interchange.imports.values import Writable

__all__ = ["FieldPlan", "MovePlan", "Plan", "RecordPlan"]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field and where its value comes from.

    Attributes:

        path: where it stands in the mapping, for refusals: the field's GraphQL name.
        field: None for a custom field.
        source: with everything the mapping says.
        target: the entity in which the source looks a record up, if it does.
        by: the field it looks it up by; None for external ids.
        within: fields of the target that must agree besides.
    """

    path: str
    field: Writable | None
    source: Source
    target: Entity | None = None
    by: Writable | None = None
    within: tuple[FieldPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class MovePlan:
    """A step of a deal's history."""

    move: Move
    at: Source | None
    constants: Mapping[str, Any]
    fields: tuple[FieldPlan, ...]


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """One record of each row.

    Attributes:

        record: what the mapping says.
        entity: its entity.
        key: columns that together know it again; empty when `external` does.
        external: where its id in the other system stands.
        constants: columns that are the same in every row.
        fields: the others.
        custom: custom fields by key.
        moves: a deal's history.
    """

    record: Record
    entity: Entity
    key: tuple[str, ...]
    external: Source | None
    constants: Mapping[str, Any]
    fields: tuple[FieldPlan, ...]
    custom: tuple[FieldPlan, ...]
    moves: tuple[MovePlan, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does with each row.

    Attributes:

        header: the file's columns.
        columns: columns that are corrected or added first.
        setup: records that are written once.
        records: records of each row.
        written: names of the entities that rows write.
        unused: columns of the file that nothing reads.
    """

    header: tuple[str, ...]
    columns: tuple[tuple[str, Source], ...]
    setup: tuple[RecordPlan, ...]
    records: tuple[RecordPlan, ...]
    written: frozenset[str]
    unused: tuple[str, ...]
