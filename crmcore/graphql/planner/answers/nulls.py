"""What an error makes null: the field it stands at, or what is around it as far as that may not be null.

GraphQL specification, 6.4.4 "Handling Execution Errors". A field that cannot be read fails wherever it stands: for each
record of the list it is in, and not at all where that list is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLOutputType

from crmcore.graphql.planner.answers.fill import Fill
from crmcore.graphql.planner.arguments.binding import Bound
from crmcore.graphql.planner.place import LIST, WAY, Place, Trail
from crmcore.graphql.planner.sealed.opening import Opening, places

__all__ = ["Branch", "Fault", "Nulled", "branch_of", "nullability", "settle"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that cannot be read, null in the statement.

    Attributes:

        place: the field.
        error: says why, made from what a request brings; None if binding the request's values has said it.
    """

    place: Place
    error: Callable[[Bound], GraphQLError] | None


class Nulled(Exception):
    """An error has come up to the value itself, which is null for it."""

    def __init__(self, error: GraphQLError) -> None:
        super().__init__(error.message)
        self.error = error


@dataclass(slots=True)
class Branch:
    """The places of an answer that have to be looked at, as a tree by response keys.

    Attributes:

        nullable: whether the field may be null, and the elements of its lists.
        below: the fields of the object, and under `WAY` and a name those of one of its types.
        trail: of what may fail here.
        required: a value that Python computes and that must be there.
        sure: of a whole tree: whether there is something to settle even if nothing that Python computes fails.
    """

    nullable: tuple[bool, ...] = (True,)
    below: dict[str, Branch] = field(default_factory=dict)
    trail: Trail | None = None
    required: bool = False
    sure: bool = False


def nullability(type_: GraphQLOutputType) -> tuple[bool, ...]:
    """Return whether a value of this type may be null, and the elements if it is a list, and theirs."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    return (inner is type_, *(nullability(inner.of_type) if isinstance(inner, GraphQLList) else ()))


def branch_of(gaps: Iterable[Fill | Fault | Opening], nullable: Mapping[Trail, tuple[bool, ...]]) -> Branch:
    """Return the tree of the places of some gaps; `nullable` knows each field on the way by its trail."""
    top = Branch()
    for gap, trail in [(one, place.trail) for one in gaps for place in _places(one)]:
        branch = top
        for position, step in enumerate(trail):
            if step is not LIST:
                known = nullable.get(trail[: position + 1], (True,))
                branch = branch.below.setdefault(step, Branch(known))
        branch.trail = trail
        branch.required = branch.required or (isinstance(gap, Fill) and not gap.field.null)
        marked = any(step is not LIST and step.startswith(WAY) for step in trail)
        for tree in (top, top.below.get(trail[0] or "")):
            if tree is not None:
                tree.sure = tree.sure or isinstance(gap, Fault) or branch.required or marked
    return top


def _places(gap: Fill | Fault | Opening) -> Iterable[Place]:
    return places(gap) if isinstance(gap, Opening) else (gap.place,)


def settle(
    value: Any,
    branch: Branch,
    path: tuple[str | int, ...],
    errors: Mapping[Trail, GraphQLError],
    found: list[GraphQLError],
) -> Any:
    """Complete a value as the executor would: in the order of the answer, and no further where it is null already.

    Args:

        value: read as JSON; changed.
        branch: the places in it to look at.
        path: its own, from the root.
        errors: why places cannot be read, by trail.
        found: gets the errors of what became null in it, each with its path.

    Raises:

        Nulled: it may not be null, but is.
    """
    return _Settling(errors, found).value(value, branch, branch.nullable, path)


class _Settling:
    def __init__(self, errors: Mapping[Trail, GraphQLError], found: list[GraphQLError]) -> None:
        self._errors, self._found = errors, found

    def value(self, value: Any, branch: Branch, nullable: tuple[bool, ...], path: tuple[str | int, ...]) -> Any:
        try:
            return self._complete(value, branch, nullable, path)
        except Nulled as nulled:
            if not nullable[0]:
                raise
            self._found.append(nulled.error)
            return None

    def _complete(self, value: Any, branch: Branch, nullable: tuple[bool, ...], path: tuple[str | int, ...]) -> Any:
        if branch.trail is not None and (error := self._errors.get(branch.trail)) is not None:
            raise Nulled(_at(error, path))
        if value is None and branch.required:
            bug = TypeError(f"{'.'.join(map(str, path))} may not be null, but what computes it gave None.")
            raise Nulled(GraphQLError(str(bug), path=list(path), original_error=bug))
        if isinstance(value, list) and branch.below:
            return [self.value(v, branch, nullable[1:], (*path, i)) for i, v in enumerate(value)]
        if isinstance(value, dict) and branch.below:
            for key, below in _in(value, branch):
                value[key] = self.value(value[key], below, below.nullable, (*path, key))
        return value


def _in(value: dict[str, Any], branch: Branch) -> Iterator[tuple[str, Branch]]:
    named = value.pop(WAY, None)
    below = branch.below if named is None else branch.below[WAY + named].below
    return ((key, below[key]) for key in value if key in below)


def _at(error: GraphQLError, path: tuple[str | int, ...]) -> GraphQLError:
    return GraphQLError(
        error.message,
        error.nodes,
        path=list(path),
        original_error=error.original_error,
        extensions=error.extensions,
    )
