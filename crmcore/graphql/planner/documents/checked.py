"""What is known of one text: its operations, or what is wrong with it and how much of that one may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    validate,
)

from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.planner.documents.limits import Limits, check, excesses, too_many_tokens
from crmcore.graphql.planner.documents.measure import Sizes, measure

__all__ = ["Checked"]

_MAX_ERRORS = 20
#: With more errors than these none gets a suggestion: 20 unknown fields of Query took 70 ms of comparing names.
_MOST_SUGGESTED = 3

_REFUSED_DIRECTIVES = {
    f"Unknown directive '@{name}'.": (
        f"@{name} is not offered: one statement reads the whole answer, so no part of it is there before the rest. "
        f"Leave @{name} out; what takes long can be asked for in an operation of its own."
    )
    for name in ("defer", "stream")
}


class Checked:
    """A text that was parsed and validated, or was not worth it.

    Attributes:

        operations: by name, None under which there is one without a name; None if the text is refused.
        limits: under which it was read.
    """

    def __init__(
        self,
        operations: Mapping[str | None, Operation] | None,
        limits: Limits,
        *,
        tokens: int = 0,
        sizes: Sizes = (),
        errors: Sequence[GraphQLError] = (),
        invalid: tuple[GraphQLSchema, DocumentNode] | None = None,
    ) -> None:
        self.operations = operations
        self.limits = limits
        self._tokens, self._sizes = tokens, sizes
        self._errors = list(errors)
        self._suggesting: list[GraphQLError] | None = None
        self._invalid = invalid

    @classmethod
    def refused(cls, errors: Sequence[GraphQLError], limits: Limits) -> Checked:
        """Return what is known of a text that is malformed or exceeds limits."""
        return cls(None, limits, errors=errors)

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode, tokens: int, limits: Limits) -> Checked:
        """Check a document, its size first.

        Args:

            schema: what it is validated against.
            document: parsed.
            tokens: how many its text has.
            limits: what it may have.
        """
        sizes = measure(document)
        if errors := check(sizes, limits):
            return cls.refused(errors, limits)
        errors = validate(schema, document, max_errors=_MAX_ERRORS, hide_suggestions=True)
        if errors:
            return cls(
                None, limits, tokens=tokens, sizes=sizes, errors=[*map(_said, errors)], invalid=(schema, document)
            )
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        named = {o.name.value if o.name else None: Operation(document, o) for o in operations}
        return cls(named, limits, tokens=tokens, sizes=sizes)

    def excess(self, limits: Limits) -> list[GraphQLError] | None:
        """Return how the text exceeds other limits than those it was read under.

        Returns:

            No error if it does not; None if it was refused before it was counted, so that it must be read again.
        """
        if not self._sizes:
            return None
        if self._tokens > limits.tokens:
            return [too_many_tokens(limits)]
        return list(excesses(self._sizes, limits))

    def errors(self, *, suggestions: bool) -> list[GraphQLError]:
        """Return why the text is refused.

        Args:

            suggestions: whether messages about unknown names say which known name is like it.
        """
        if not suggestions or self._invalid is None or len(self._errors) > _MOST_SUGGESTED:
            return self._errors
        if self._suggesting is None:
            schema, document = self._invalid
            self._suggesting = [*map(_said, validate(schema, document, max_errors=_MAX_ERRORS))]
        return self._suggesting


def _said(error: GraphQLError) -> GraphQLError:
    message = _REFUSED_DIRECTIVES.get(error.message)
    return error if message is None else GraphQLError(message, error.nodes)
