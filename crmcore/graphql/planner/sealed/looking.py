"""Values that are looked up before a statement runs: ids of records whose sealed values are such, places in a sealed order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from graphql import GraphQLError

from crmcore.database import Database
from crmcore.errors import Refusal
from crmcore.graphql.planner.arguments.binding import Parameter, Question, located
from crmcore.graphql.planner.place import Trail

__all__ = ["Asking"]

#: Runs a statement.
Fetch = Callable[[str, Sequence[Any]], Awaitable[list[tuple[Any, ...]]]]


class Asking:
    """The look-ups of one request.

    Args:

        database: where sealed values are from.
        fetch: runs statements where the request is read.
        parameters: a plan's.
        given: what was read from the request for each; `given(n)` is that of parameter n.
    """

    def __init__(self, database: Database, fetch: Fetch, parameters: Sequence[Parameter], given: Sequence[Any]) -> None:
        self.database, self.fetch = database, fetch
        self._parameters, self.given = parameters, given.__getitem__
        self._answers: dict[int, Any] = {}

    async def bound(self, positions: Sequence[int]) -> tuple[list[Any], dict[Trail, GraphQLError]]:
        """Return the values of some parameters, or the errors of the fields that cannot be read."""
        values: list[Any] = []
        errors: dict[Trail, GraphQLError] = {}
        for position in positions:
            if (look := self._parameters[position].look) is None:
                values.append(self.given(position))
                continue
            try:
                values.append(look.value(await self.answer(look.question, self.given(position)), self.given(position)))
            except Refusal as refusal:
                place = self._parameters[position].place
                assert place is not None, "what is not the client's cannot be refused"
                errors.setdefault(place.trail, located(refusal, place))
        return ([] if errors else values), errors

    async def value(self, position: int) -> Any:
        """Return the value of a parameter."""
        look, given = self._parameters[position].look, self.given(position)
        return given if look is None else look.value(await self.answer(look.question, given), given)

    async def answer(self, question: Question, given: Any) -> Any:
        """Return the answer to a question, which is asked once."""
        if id(question) not in self._answers:
            self._answers[id(question)] = await question.answer(self, given)
        return self._answers[id(question)]
