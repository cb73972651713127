"""The Python annotation, and so the GraphQL type, of a value of each kind."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import strawberry

from crmcore.entities import kinds
from crmcore.entities.columns import Facts
from crmcore.entities.kinds import Kind
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.scalars import JSON, BigInt, Currency

__all__ = ["python_type"]

_PYTHON: dict[str, Any] = {
    kinds.TEXT.name: str,
    kinds.ENUM.name: str,
    kinds.INT.name: int,
    kinds.BIGINT.name: BigInt,
    kinds.FLOAT.name: float,
    kinds.BOOL.name: bool,
    kinds.INSTANT.name: datetime,
    kinds.DATE.name: date,
    kinds.ID.name: strawberry.ID,
    kinds.JSON.name: JSON,
}


def python_type(kind: Kind, said: Facts | None = None) -> Any:
    """Return the annotation for a value of a kind; `said` knows the members of an enum and what is a currency."""
    if said is not None and said.choices is not None:
        return as_enum(said.choices)
    if said is not None and said.form == "currency":
        return Currency
    return _PYTHON[kind.name]
