"""Named actions as mutations: their parameters become arguments, and they run with what clients gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from strawberry.types.field import StrawberryField

from crmcore.access.actor import Actor
from crmcore.database.connection import Isolation
from crmcore.entities.action import REQUIRED, Action, Last
from crmcore.entities.entity import camel
from crmcore.entities.idempotency import Once
from crmcore.entities.work import Work
from crmcore.errors import Invalid, Violation
from crmcore.graphql.mutations import results
from crmcore.graphql.mutations.entities import idempotency_key
from crmcore.graphql.mutations.parameters import argument_type, python_value
from crmcore.graphql.mutations.payloads import record_result
from crmcore.graphql.mutations.values import Granted
from crmcore.graphql.mutations.writes import Unit, Write
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.forge import argument, field, optional

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["ActionWrite", "action_mutation"]


def action_mutation(types: Types, action: Action[..., Any]) -> StrawberryField:
    """Return the mutation of a named action."""
    arguments = []
    for parameter in action.parameters:
        type_ = argument_type(types, parameter)
        if parameter.null or parameter.default is not REQUIRED:
            type_ = optional(type_)
        arguments.append(argument(camel(parameter.name), type_, parameter.description))
    if isinstance(action.returns, str):
        result = record_result(types, types.entities[action.returns])
    else:
        result = results.made_result(types, action.returns)
    write = ActionWrite(action)
    return field(
        action.name, optional(result), action.description, backing=write, arguments=[*arguments, idempotency_key()]
    )


@dataclass(frozen=True)
class ActionWrite(Write):
    """Backing of a named action's mutation; see `crmcore.graphql.mutations.writes.Write`."""

    action: Action[..., Any]

    @property
    def keeps(self) -> bool:
        """See `Write`."""
        return not any(p.secret for p in self.action.parameters)

    def unit(self, given: Mapping[str, Any]) -> Unit:
        """Read the arguments; what was not given takes the function's default.

        Raises:

            Invalid: some cannot be what they say; all are listed.
        """
        values = self._values(given)
        return lambda work: self._run(work, values)

    @property
    def shares(self) -> bool:
        """See `Write`."""
        return self.action.shared is not None

    async def shared(
        self,
        crm: Crm,
        actor: Actor,
        given: Mapping[str, Any],
        request_id: str | None,
        once: Once | None,
        last: Last | None,
    ) -> Any:
        """See `Write`."""

        async def last_of(done: Any) -> None:
            if last is not None:
                await last(self._given(done))

        if once is not None:
            once.kept = lambda done: self.kept(self._given(done))
        done = await self.action.share(crm, actor, self._values(given), request_id, once, last_of)
        return None if done is None else self._given(done)

    def _values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        violations: list[Violation] = []
        for parameter in self.action.parameters:
            name = camel(parameter.name)
            if name not in given or (given[name] is None and not parameter.null):
                continue
            try:
                values[parameter.name] = python_value(parameter, given[name], name)
            except Invalid as problem:
                violations.extend(problem.violations)
        if violations:
            raise Invalid.of(violations)
        return values

    @property
    def forgetful(self) -> bool:
        """See `Write`."""
        return any(parameter.secret for parameter in self.action.parameters)

    @property
    def isolation(self) -> Isolation:
        """See `Write`."""
        return self.action.isolation

    async def _run(self, work: Work, values: Mapping[str, Any]) -> Any:
        return self._given(await self.action(work, **values))

    def _given(self, done: Any) -> Any:
        return str(done["id"]) if isinstance(self.action.returns, str) else done

    def kept(self, result: Any) -> Any:
        """See `Write`."""
        return result if isinstance(self.action.returns, str) else results.kept(result)

    def restored(self, outcome: Any) -> Any:
        """See `Write`."""
        return outcome if isinstance(self.action.returns, str) else results.restored(self.action.returns, outcome)

    def shown(self, result: Any) -> Any:
        """See `Write`."""
        return self.record(result) or results.shown(result)

    def record(self, result: Any) -> Granted | None:
        """See `Write`."""
        return Granted(self.action.returns, UUID(result)) if isinstance(self.action.returns, str) else None
