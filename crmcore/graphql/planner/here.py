"""Where compilation stands in an operation, and how it fails there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from graphql import FieldNode, GraphQLError

from crmcore.errors import Refusal
from crmcore.graphql.planner.arguments.binding import Bound, located
from crmcore.graphql.planner.place import LIST, WAY, Place, Trail

__all__ = ["Failed", "Here", "unreadable"]


class Failed(Exception):
    """A field cannot be read at all; `error` makes the GraphQL error from what a request brings."""

    def __init__(self, error: Callable[[Bound], GraphQLError]) -> None:
        super().__init__()
        self.error = error


@dataclass(frozen=True, slots=True)
class Here:
    """Where compilation stands.

    Attributes:

        place: the field.
        sizes: what reads the page sizes of the lists it stands in.
        past: whether it is about a record as it was, of which only its own columns are known.
    """

    place: Place
    sizes: tuple[Callable[[Bound], int], ...] = ()
    past: bool = False

    @property
    def trail(self) -> Trail:
        """How the JSON of the answer is walked to it."""
        return self.place.trail

    def below(self, key: str, node: FieldNode) -> Here:
        """Return where a field of this one stands."""
        return replace(self, place=Place((*self.trail, key), node))

    def as_a(self, entity: str) -> Here:
        """Return where the record stands when it is one of this entity."""
        return replace(self, place=replace(self.place, trail=(*self.trail, WAY + entity)))

    def then(self) -> Here:
        """Return where a record as it was stands."""
        return replace(self, past=True)

    def now(self) -> Here:
        """Return where a record as it is stands."""
        return replace(self, past=False) if self.past else self

    def each(self) -> Here:
        """Return where the elements of this list stand."""
        return replace(self, place=replace(self.place, trail=(*self.trail, LIST)))


def unreadable(site: int, here: Here) -> Failed:
    """Return the failure of a field whose arguments cannot be read; their only value says why."""

    def error(bound: Bound) -> GraphQLError:
        problem, place = bound.values[site][0], here.place
        if isinstance(problem, Refusal):
            return located(problem, place)
        return GraphQLError(
            problem.message, problem.nodes or place.node, path=list(place.path), extensions=problem.extensions
        )

    return Failed(error)
