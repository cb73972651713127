"""From a plan and a request to parameters, and from the database's row to the answer's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

from crmcore.errors import Refusal
from crmcore.graphql.planner.answers.fill import fill
from crmcore.graphql.planner.answers.nulls import Nulled, settle
from crmcore.graphql.planner.answers.result import ReadRecord, ReadResult
from crmcore.graphql.planner.arguments.binding import Bound, located
from crmcore.graphql.planner.build import Plan, PlannedRoot, RecordsPlan
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.sealed.batch import Unseal
from crmcore.graphql.planner.sealed.opening import open_all

__all__ = ["Errors", "assemble", "assemble_opened", "bind", "complete", "decode", "is_null", "passed_on"]

#: Why fields cannot be read, by trail.
Errors = Mapping[Trail, GraphQLError]


def bind(plan: Plan | RecordsPlan, bound: Bound) -> tuple[list[Any], dict[Trail, GraphQLError]]:
    """Return the statement's parameters, or the errors of the fields that cannot be read.

    Where some of them have to be looked up first, what is returned is what was read for each of the plan's parameters.
    """
    values: list[Any] = []
    errors: dict[Trail, GraphQLError] = {}
    for parameter in plan.parameters:
        try:
            values.append(parameter.read(bound))
        except Refusal as refusal:
            assert parameter.place is not None, "what is not the client's cannot be refused"
            errors.setdefault(parameter.place.trail, located(refusal, parameter.place))
    if plan.looks and not errors:
        return values, errors
    if errors:
        return [], errors
    return [values[position] for position in plan.bound], errors


def is_null(plan: Plan, errors: Errors) -> bool:
    """Say whether the whole answer is null for a root field's own error, whatever the database has."""
    broken = {trail[0] for trail in errors}
    for root in plan.roots:
        if root.key in broken:
            return (root.key,) in errors and not root.branch.nullable[0]
        if root.fills or root.openings:
            # What computes them may have errors of its own, which come before.
            return False
    return False


def passed_on(plan: Plan, row: Sequence[str | None]) -> ReadResult:
    """Make the answer of the only row of a plan that is `plain`."""
    return ReadResult(
        {root.key: (root.constant if root.column is None else row[root.column]) or "null" for root in plan.roots}, []
    )


async def assemble(plan: Plan, row: Sequence[str | None], errors: Errors, unseal: Unseal) -> ReadResult:
    """Make the answer of a statement's only row, or of none if `is_null`."""
    if not plan.openings:
        return await assemble_opened(plan, row, errors, {}, {})
    decoded = decode(plan, row)
    return await assemble_opened(plan, row, errors, decoded, await open_all(decoded, plan.openings, unseal))


def decode(plan: Plan, row: Sequence[str | None]) -> dict[str, Any]:
    """Return the roots that hold values to open or to mask, by response key."""
    decoded: dict[str, Any] = {}
    for root in plan.roots:
        if root.openings:
            text = _text(root, row)
            decoded[root.key] = None if text is None else msgspec.json.decode(text)
    return decoded


async def assemble_opened(
    plan: Plan, row: Sequence[str | None], errors: Errors, decoded: Mapping[str, Any], unread: Errors
) -> ReadResult:
    """Make the answer of a statement's only row of which everything was opened and masked.

    Args:

        plan: the statement's.
        row: the row.
        errors: why fields could not be bound.
        decoded: the roots in which something was opened.
        unread: why fields could not be opened.
    """
    found: list[GraphQLError] = []
    fields: dict[str, str] = {}
    for root in plan.roots:
        text = None if root.openings else _text(root, row)
        if root.branch.trail or root.branch.below:
            value = decoded[root.key] if root.openings else _decoded(text)
            if root.fills or unread or root.branch.sure:
                try:
                    value = await _completed(root, value, unread, errors, found)
                except Nulled as nulled:
                    return ReadResult(None, [*found, nulled.error])
            text = None if value is None else msgspec.json.encode(value).decode()
        fields[root.key] = text or "null"
    return ReadResult(fields, found)


def _text(root: PlannedRoot, row: Sequence[str | None]) -> str | None:
    return row[root.column] if root.column is not None and row else root.constant


def _decoded(text: str | None) -> Any:
    return None if text is None else msgspec.json.decode(text)


async def _completed(root: PlannedRoot, value: Any, unread: Errors, errors: Errors, found: list[GraphQLError]) -> Any:
    failed = {**(await fill({root.key: value}, root.fills)), **unread} if root.fills else unread
    if failed or root.branch.sure:
        value = settle(value, root.branch, (root.key,), {**errors, **failed}, found)
    return value


async def complete(plan: RecordsPlan, texts: list[str | None], errors: Errors, unseal: Unseal) -> list[ReadRecord]:
    """Open what is sealed in records and fill in what Python computes, and make null what cannot be read."""
    if not plan.branch.below:
        return [ReadRecord(text) for text in texts]
    values = [_decoded(text) for text in texts]
    unread = await open_all(values, plan.openings, unseal) if plan.openings else {}
    failed = {**(await fill(values, plan.fills)), **unread}
    records = []
    for value in values:
        found: list[GraphQLError] = []
        settled = settle(value, plan.branch, (), {**errors, **failed}, found) if failed or plan.branch.sure else value
        records.append(ReadRecord(None if settled is None else msgspec.json.encode(settled).decode(), tuple(found)))
    return records
