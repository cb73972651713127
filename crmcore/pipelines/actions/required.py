"""Which fields of a deal a stage may demand, and which of them a deal lacks."""

from __future__ import annotations

from collections.abc import Container, Mapping

from crmcore.entities.change import Change
from crmcore.entities.columns import Write
from crmcore.entities.fields import Money, One, Scalar
from crmcore.entities.store import Row
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


def check_required(work: Work, change: Change, stage: Row, among: Container[str] | None = None) -> None:
    """Note a violation for every field that a deal lacks and its stage demands.

    Args:

        work: the unit of work.
        change: the deal.
        stage: the stage it comes into, or is in.
        among: the columns to look at; None means all.
    """
    columns = fillable(work)
    for name in stage["required_fields"] or ():
        column = columns.get(name)
        if column is None or (among is not None and column not in among):
            continue
        if change.get(column) in (None, ""):
            message = f"A deal in the stage {stage['name']} needs {name}; fill it first or with the same change."
            change.refuse(column, "REQUIRED_BY_STAGE", message)
