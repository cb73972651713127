"""Values on their way into a statement: compilation sees placeholders, each request fills them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError

from crmcore.access.actor import Actor
from crmcore.entities.kinds import Kind
from crmcore.errors import Refusal
from crmcore.graphql.planner.dialect import Dialect

__all__ = ["Binder", "Bound", "Parameter", "Place", "located"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the answer something stands.

    Attributes:

        path: response keys from the root, without list positions.
        node: the field in the document.
    """

    path: tuple[str, ...]
    node: FieldNode

    def below(self, key: str, node: FieldNode) -> Place:
        """Return the place of a field of this one."""
        return Place((*self.path, key), node)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a request brings.

    Attributes:

        values: the arguments' values, by site and position within it.
        actor: who asks.
    """

    values: Sequence[Sequence[Any]]
    actor: Actor


@dataclass(frozen=True, slots=True)
class Parameter:
    """One bound value: how it is read from a request, and where a refusal to read it belongs."""

    read: Callable[[Bound], Any]
    place: Place | None


class Binder:
    """Collects a statement's parameters."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.parameters: list[Parameter] = []
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

    def check(self, read: Callable[[Bound], Any], place: Place) -> None:
        """Have something read from each request only to see whether it is refused."""
        self.parameters.append(Parameter(read, place))

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
