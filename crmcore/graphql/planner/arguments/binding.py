"""Values on their way into a statement: compilation sees placeholders, each request fills them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from graphql import GraphQLError

from crmcore import clock
from crmcore.access.actor import Actor
from crmcore.entities.kinds import Kind
from crmcore.errors import Refusal
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.place import Place

if TYPE_CHECKING:
    from crmcore.graphql.planner.sealed.looking import Asking
    from crmcore.graphql.planner.sealed.within import Within

__all__ = ["Binder", "Bound", "Look", "Parameter", "Question", "located"]


class Question(Protocol):
    """What is asked before a statement runs."""

    async def answer(self, asking: Asking, given: Any) -> Any:
        """Return the answer.

        Raises:

            Refusal: there is none.
        """


class Bound(msgspec.Struct, eq=False):
    """What a request brings.

    Attributes:

        values: the arguments' values, by site and position within it.
        actor: who asks.
    """

    values: Sequence[Sequence[Any]]
    actor: Actor
    _now: datetime | None = None

    @property
    def now(self) -> datetime:
        """The instant that filters relative to the present go by, the same for the whole operation."""
        if self._now is None:
            self._now = clock.now()
        return self._now


@dataclass(frozen=True, slots=True)
class Look:
    """How a parameter's value is looked up before the statement runs.

    Attributes:

        question: what is asked, once for all parameters that ask it.
        value: from the answer and what was read from the request to the value.
    """

    question: Question
    value: Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One bound value.

    Attributes:

        read: how it is read from a request.
        place: where a refusal to read it belongs.
        look: how it is looked up with what was read, if it is.
    """

    read: Callable[[Bound], Any]
    place: Place | None
    look: Look | None = None


class Binder:
    """Collects a statement's parameters.

    Args:

        dialect: the database's.
        looks: whether values can be looked up before the statement runs.

    Attributes:

        parameters: what was added.
        within: looked up values that the statement can find itself.
    """

    def __init__(self, dialect: Dialect, *, looks: bool = False) -> None:
        self.dialect, self.looks = dialect, looks
        self.parameters: list[Parameter] = []
        self.within: list[Within] = []
        self._shared: dict[Hashable, str] = {}

    def bind(
        self, read: Callable[[Bound], Any], kind: Kind | None, place: Place | None = None, *, many: bool = False
    ) -> str:
        """Add a parameter; `many` is a list as one parameter. Return its placeholder, typed if `kind` is given."""
        if kind is not None and (convert := self.dialect.converter(kind, many=many)) is not None:
            plain, to_database = read, convert

            def read(bound: Bound) -> Any:
                return to_database(plain(bound))

        self.parameters.append(Parameter(read, place))
        return self.dialect.placeholder(len(self.parameters), kind, many=many)

    @property
    def looked(self) -> bool:
        """Whether the value of any parameter has to be looked up."""
        return any(parameter.look for parameter in self.parameters)

    def look_up(self, look: Look, read: Callable[[Bound], Any], kind: Kind, place: Place, *, many: bool = False) -> str:
        """Add a parameter whose value is looked up. Return its placeholder."""
        if (convert := self.dialect.converter(kind, many=many)) is not None:
            plain, to_database = look.value, convert
            look = Look(look.question, lambda answer, given: to_database(plain(answer, given)))
        self.parameters.append(Parameter(read, place, look))
        return self.dialect.placeholder(len(self.parameters), kind, many=many)

    def check(self, read: Callable[[Bound], Any], place: Place) -> None:
        """Have something read from each request only to see whether it is refused."""
        self.parameters.append(Parameter(read, place))

    def forget(self, first: int) -> None:
        """Read no more what was added from number `first` on for places: the statement will not have it."""
        for number, parameter in enumerate(self.parameters[first:], first):
            if parameter.place is not None:
                self.parameters[number] = Parameter(lambda _: None, None)

    def share(self, key: Hashable, make: Callable[[], str]) -> str:
        """Return the placeholder under `key`, made once per statement."""
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]


def located(refusal: Refusal, place: Place | None) -> GraphQLError:
    """Turn a refusal into the error of the field it belongs to."""
    violations = [{"path": v.path, "code": v.code, "message": v.message} for v in refusal.violations]
    return GraphQLError(
        refusal.message,
        nodes=place.node if place else None,
        path=list(place.path) if place else None,
        original_error=refusal,
        extensions={"code": refusal.code.value, "violations": violations},
    )
