"""Which fields of a deal a stage may demand, and which of them a deal lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmcore.entities.change import Change
from crmcore.entities.columns import Write
from crmcore.entities.fields import Money, One, Scalar
from crmcore.entities.work import Work

__all__ = ["check_required", "fillable"]


def fillable(work: Work) -> Mapping[str, str]:
    """Return the fields of a deal that clients can fill: GraphQL name to column."""
    deal = work.entities["deal"]
    return {
        field.name: field.column
        for field in work.entities.fields("deal").values()
        if isinstance(field, (Scalar, Money, One))
        and field.column is not None
        and deal.facts[field.column].write is not Write.NEVER
    }


def check_required(work: Work, change: Change, required: Iterable[str], stage: str) -> None:
    """Note a violation for every field that a deal lacks and its stage demands."""
    columns = fillable(work)
    for name in required:
        column = columns.get(name)
        if column is not None and change.get(column) in (None, ""):
            change.refuse(column, "REQUIRED_BY_STAGE", f"A deal in the stage {stage} needs {name}; fill it first or with the same change.")
