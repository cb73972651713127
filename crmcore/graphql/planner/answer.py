"""From a plan and a request to parameters, and from the database's row to the answer's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from crmcore.errors import Refusal
from crmcore.graphql.planner.binding import Bound, located
from crmcore.graphql.planner.build import Plan, PlannedRoot, RecordsPlan
from crmcore.graphql.planner.fill import fill
from crmcore.graphql.planner.nulls import Nulled, settle
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.result import ReadRecord, ReadResult

__all__ = ["Errors", "assemble", "bind", "complete", "is_null"]

#: Why fields cannot be read, by trail.
Errors = Mapping[Trail, GraphQLError]


def bind(plan: Plan | RecordsPlan, bound: Bound) -> tuple[list[Any], dict[Trail, GraphQLError]]:
    """Return the statement's parameters, or the errors of the fields that cannot be read."""
    values: list[Any] = []
    errors: dict[Trail, GraphQLError] = {}
    for parameter in plan.parameters:
        try:
            values.append(parameter.read(bound))
        except Refusal as refusal:
            assert parameter.place is not None, "what is not the client's cannot be refused"
            errors.setdefault(parameter.place.trail, located(refusal, parameter.place))
    return [] if errors else [values[position] for position in plan.bound], errors


def is_null(plan: Plan, errors: Errors) -> bool:
    """Say whether the whole answer is null for a root field's own error, whatever the database has."""
    broken = {trail[0] for trail in errors}
    for root in plan.roots:
        if root.key in broken:
            return (root.key,) in errors and not root.branch.nullable[0]
        if root.fills:
            # What computes them may have errors of its own, which come before.
            return False
    return False


async def assemble(plan: Plan, row: Sequence[str | None], errors: Errors) -> ReadResult:
    """Make the answer of a statement's only row, or of none if `is_null`."""
    found: list[GraphQLError] = []
    fields: dict[str, str] = {}
    for root in plan.roots:
        text = row[root.column] if root.column is not None and row else root.constant
        if root.branch.trail or root.branch.below:
            try:
                text = await _completed(root, text, errors, found)
            except Nulled as nulled:
                return ReadResult(None, [*found, nulled.error])
        fields[root.key] = text or "null"
    return ReadResult(fields, found)


async def _completed(root: PlannedRoot, text: str | None, errors: Errors, found: list[GraphQLError]) -> str | None:
    value = None if text is None else msgspec.json.decode(text)
    failed = await fill({root.key: value}, root.fills)
    if failed or root.branch.sure:
        value = settle(value, root.branch, (root.key,), {**errors, **failed}, found)
    return None if value is None else msgspec.json.encode(value).decode()


async def complete(plan: RecordsPlan, texts: list[str | None], errors: Errors) -> list[ReadRecord]:
    """Fill what Python computes into records, and make null what cannot be read."""
    if not plan.branch.below:
        return [ReadRecord(text) for text in texts]
    values = [None if text is None else msgspec.json.decode(text) for text in texts]
    failed = await fill(values, plan.fills)
    records = []
    for value in values:
        found: list[GraphQLError] = []
        settled = settle(value, plan.branch, (), {**errors, **failed}, found) if failed or plan.branch.sure else value
        records.append(ReadRecord(None if settled is None else msgspec.json.encode(settled).decode(), tuple(found)))
    return records
