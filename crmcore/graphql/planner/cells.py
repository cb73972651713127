"""What shows one value of a record: a cell of the database's, or one that Python opens and masks."""

from __future__ import annotations

from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.masks import FIRST, mask_of
from crmcore.graphql.lists.sealed import sealed
from crmcore.graphql.planner.dialect import quote
from crmcore.graphql.planner.plan import Cell, Node, RecordId, Stored

__all__ = ["needed_node", "value_node"]


def value_node(
    entity: Entity, field: f.Scalar | f.Expression, alias: str, dialect: str, *, masked: bool = False
) -> Node:
    """Return what shows a field of the row `alias`."""
    if isinstance(field, f.Expression):
        return Cell(f"({field.sql(alias, dialect)})", field.kind, masked)
    sql, mask, column = f"{alias}.{field.column}", mask_of(entity, field.column), sealed(entity, field)
    if column is not None:
        return Stored(sql, field.kind, field.column, True, column.erased, masked, mask)
    if masked and mask not in (None, FIRST):
        return Stored(sql, field.kind, field.column, False, None, masked, mask)
    if field.kind is kinds.ID and (field.target or field.type_column):
        return RecordId(sql, f"{alias}.{field.type_column}" if field.type_column else quote(str(field.target)))
    return Cell(sql, field.kind, masked)


def needed_node(entity: Entity, alias: str, column: str) -> Node:
    """Return what gives Python a column of the row `alias` that it computes something of."""
    said = None if entity.seal is None else entity.seal.columns.get(column)
    sql, kind = f"{alias}.{column}", entity.facts[column].kind
    return Cell(sql, kind) if said is None else Stored(sql, kind, column, True, said.erased)
