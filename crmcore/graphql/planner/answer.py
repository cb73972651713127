"""From a plan and a request to parameters, and from the database's row to the answer's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from crmcore.errors import Refusal
from crmcore.graphql.planner.binding import Bound, located
from crmcore.graphql.planner.build import Plan, RecordsPlan
from crmcore.graphql.planner.document import GraphQLErrors
from crmcore.graphql.planner.fill import LIST, Fill, fill
from crmcore.graphql.planner.result import ReadResult

__all__ = ["assemble", "bind", "complete", "is_null"]


def bind(plan: Plan | RecordsPlan, bound: Bound) -> tuple[list[Any], dict[str, GraphQLError]]:
    """Return the statement's parameters, and the errors of what cannot be read by the response key of its root."""
    values: list[Any] = []
    errors: dict[str, GraphQLError] = {}
    for parameter in plan.parameters:
        try:
            values.append(parameter.read(bound))
        except Refusal as refusal:
            root = parameter.place.path[0] if parameter.place and parameter.place.path else ""
            errors.setdefault(root, located(refusal, parameter.place))
    return [] if errors else [values[position] for position in plan.bound], errors


def is_null(plan: Plan, errors: Mapping[str, GraphQLError]) -> bool:
    """Say whether errors make the whole answer null: one of them is at a root field that may not be null."""
    return bool(errors) and any(root.key in errors and not root.nullable for root in plan.roots)


async def assemble(plan: Plan, row: Sequence[str | None], errors: Mapping[str, GraphQLError]) -> ReadResult:
    """Make the answer of a statement's only row."""
    all_errors = list(errors.values())
    if is_null(plan, errors):
        return ReadResult(None, all_errors)
    fields: dict[str, str] = {}
    for root in plan.roots:
        text = root.constant if root.column is None else row[root.column]
        if root.fills and text is not None:
            [text], problems = await _filled([text], root.fills)
            all_errors += problems
        fields[root.key] = text or "null"
    return ReadResult(fields, all_errors)


async def complete(plan: RecordsPlan, texts: list[str | None]) -> list[str | None]:
    """Fill what Python computes into records.

    Raises:

        GraphQLErrors: it cannot be computed.
    """
    if not plan.fills:
        return texts
    texts, errors = await _filled(texts, plan.fills)
    if errors:
        raise GraphQLErrors(errors)
    return texts


async def _filled(texts: Sequence[str | None], fills: Sequence[Fill]) -> tuple[list[str | None], list[GraphQLError]]:
    values = [None if text is None else msgspec.json.decode(text) for text in texts]
    gaps = [Fill((LIST, *gap.trail), gap.field, gap.entity, gap.place) for gap in fills]
    errors = await fill(values, gaps)
    return [None if v is None else msgspec.json.encode(v).decode() for v in values], errors
