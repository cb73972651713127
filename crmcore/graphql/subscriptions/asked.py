"""A subscription as a client asked for it: checked, its arguments read, and known by what it is shown."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import FieldNode, OperationType, VariableNode, Visitor, visit
from graphql.execution.values import get_argument_values

from crmcore.access.actor import Actor, Scope
from crmcore.errors import Invalid
from crmcore.events.cursor import Cursor
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.requests.naming import names
from crmcore.graphql.requests.request import Request
from crmcore.graphql.roots.shown_change import TELLING
from crmcore.graphql.subscriptions.sources import Choice, WatchedJob
from crmcore.graphql.types.forge import backing

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Asked", "ask", "is_subscription"]


@dataclass(frozen=True, eq=False)
class Asked:
    """One subscription.

    Attributes:

        request: the operation with its variables, and who asked.
        key: response key of its only field.
        nodes: the field.
        choice: which events it is about, or which job.
        after: the cursor the client has, None to begin now.
        shown: equal for subscriptions that are shown the same of the same events, if their rules are the same.
        tells: whether it may show what events themselves tell, besides their records.
        executed: whether plain resolvers have a part in it.
    """

    request: Request
    key: str
    nodes: list[FieldNode]
    choice: Choice | WatchedJob
    after: Cursor | None
    shown: Hashable
    tells: bool
    executed: bool

    def rules(self, actor: Actor) -> Hashable:
        """Return what is equal for actors who are shown the same."""
        access = actor.access
        if self.executed:  # plain resolvers may ask who it is
            return access.key, actor.type, actor.id, actor.label, actor.user_id, actor.team_ids
        own = any(s in (Scope.OWN, Scope.TEAM) for key, s in access.scopes.items() if key.endswith(":read"))
        return (access.key, actor.user_id, actor.team_ids) if own and not access.everything else access.key


def is_subscription(operation: Operation) -> bool:
    """Say whether an operation is one."""
    return operation.definition.operation is OperationType.SUBSCRIPTION


def ask(
    crm: Crm,
    operation: Operation,
    given: Mapping[str, Any],
    actor: Actor,
    request_id: str | None = None,
    after: str | None = None,
) -> Asked:
    """Read a subscription.

    Args:

        crm: the CRM.
        operation: a valid subscription.
        given: variables as the client gave them.
        actor: who asks.
        request_id: for the log.
        after: a cursor that counts in place of the argument `after`.

    Raises:

        GraphQLErrors: a variable is missing or not of its type.
        Invalid: an argument is not what it says, or the field is skipped by a directive.
    """
    coerced = crm.planner.coerce(operation, given)
    request = Request(crm, operation, given, coerced, actor, request_id)
    type_ = crm.schema.graphql.subscription_type
    assert type_ is not None
    for key, nodes in request.roots(type_).items():
        field = type_.fields[nodes[0].name.value]
        arguments = get_argument_values(field, nodes[0], coerced)
        cursor = after or arguments.get("after")
        return Asked(
            request,
            key,
            nodes,
            backing(field.extensions["strawberry-definition"]).choose(arguments),
            None if cursor is None else Cursor.parse(cursor),
            _shown(operation, nodes[0], given),
            names([operation.document], TELLING),
            key in request.route.executed,
        )
    msg = "The subscription's field is left out by @skip or @include; ask for it."
    raise Invalid(msg)


def _shown(operation: Operation, node: FieldNode, given: Mapping[str, Any]) -> Hashable:
    """Return what decides what is shown: the operation and its variables, without the one that is a cursor only."""
    cursor = next((a.value for a in node.arguments or () if a.name.value == "after"), None)
    left_out = cursor.name.value if isinstance(cursor, VariableNode) else None
    if left_out is not None and _uses(operation, left_out) > 1:
        left_out = None
    kept = {name: value for name, value in given.items() if name != left_out}
    return operation, msgspec.json.encode(kept, order="sorted")


def _uses(operation: Operation, name: str) -> int:
    """Count how often a document reads a variable; its definition is one more."""
    count = 0

    class Counting(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            nonlocal count
            count += node.name.value == name

    visit(operation.document, Counting())
    definitions = sum(
        definition.variable.name.value == name for definition in operation.definition.variable_definitions or ()
    )
    return count - definitions
