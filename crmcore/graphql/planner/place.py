"""Where in an answer something stands: one place for all records of a list."""

from __future__ import annotations

from dataclasses import dataclass

from graphql import FieldNode

__all__ = ["LIST", "WAY", "Place", "Trail"]

#: In a trail: every element of a list.
LIST = None
#: In a trail, before an entity's name: an object only if it is that entity's. Such an object names its entity under this
#: key, which is no GraphQL name, until Python has gone over it.
WAY = "~"

#: Response keys from the root, `LIST` and `WAY` between them: how the answer's JSON is walked to a place.
Trail = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A field of an operation.

    Attributes:

        trail: how it is walked to.
        node: the field in the document.
    """

    trail: Trail
    node: FieldNode

    @property
    def path(self) -> tuple[str, ...]:
        """Response keys from the root, without list positions."""
        return tuple(step for step in self.trail if step is not LIST and not step.startswith(WAY))

    @property
    def key(self) -> str:
        """The field's response key."""
        assert self.trail[-1] is not None
        return self.trail[-1]
