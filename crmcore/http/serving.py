"""One operation of a connection that stays: found, checked, and begun or answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore.access.actor import Actor
from crmcore.access.permissions import INTROSPECT
from crmcore.database.tally import TALLY, Tally
from crmcore.graphql.planner.documents.document import Operation as Checked
from crmcore.graphql.requests.execute import Answer, execute
from crmcore.graphql.subscriptions.asked import Asked, ask, is_subscription
from crmcore.http.operation import Operation
from crmcore.http.texts import Texts

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Serving"]


class Serving:
    """Serves the operations of connections that stay, WebSockets and streams of events.

    Args:

        crm: the CRM.
        texts: the documents that need not be brought.
    """

    def __init__(self, crm: Crm, texts: Texts) -> None:
        self.crm, self._texts = crm, texts

    def find(self, operation: Operation, actor: Actor) -> tuple[str, Checked]:
        """Return the document and the operation that is meant.

        Raises:

            Refused: the document is not known, or not one of those answered.
            GraphQLErrors: it is malformed, too large or invalid.
        """
        text = self._texts.of(operation)
        found = self.crm.documents.get(
            text,
            operation.operation_name,
            limits=self.crm.tiers.of(actor.access),
            suggestions=actor.access.may(INTROSPECT),
        )
        if operation.extensions is not None:
            self._texts.remember(operation)
        return text, found

    def subscription(
        self, operation: Operation, checked: Checked, actor: Actor, request_id: str, after: str | None = None
    ) -> Asked | None:
        """Read an operation as a subscription; None if it is a query or a mutation.

        Raises:

            GraphQLErrors: a variable is missing or not of its type.
            Invalid: an argument is not what it says.
        """
        if not is_subscription(checked):
            return None
        return ask(self.crm, checked, operation.variables or {}, actor, request_id, after)

    async def answer(
        self, text: str, operation: Operation, actor: Actor, request_id: str, *, read_only: bool = False
    ) -> Answer:
        """Answer a query or a mutation."""
        tally = Tally(request_id)
        tally.operation = operation.label(text)
        token = TALLY.set(tally)
        try:
            return await execute(
                self.crm,
                text,
                operation.variables,
                operation.operation_name,
                actor,
                request_id,
                read_only=read_only,
            )
        finally:
            TALLY.reset(token)
