"""From a client's text to a checked operation: parsed, limited and validated once per text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    TokenKind,
    parse,
    validate,
)

from crmcore.errors import Code
from crmcore.graphql.planner.cache import Cache
from crmcore.graphql.planner.limits import Limits, check

__all__ = ["Documents", "GraphQLErrors", "Operation"]

#: Longer texts are served but not kept, so that the cache's memory is bounded by its size.
_LONGEST_KEPT = 20_000
_MAX_ERRORS = 20
_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
_LONGEST_NUMBER = 400


class GraphQLErrors(Exception):
    """The request cannot be executed: the answer has `errors` and no `data`.

    Attributes:

        errors: one GraphQL error or more, with locations where there are any.
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(error.message for error in errors))


class Operation:
    """One operation of a valid document, with its fragments; compared and hashed by identity.

    Attributes:

        document: what it stands in.
        definition: the operation.
        notes: what others have worked out about it, by whoever did.
    """

    def __init__(self, document: DocumentNode, definition: OperationDefinitionNode) -> None:
        self.document = document
        self.definition = definition
        self.notes: dict[object, object] = {}

    @cached_property
    def fragments(self) -> Mapping[str, FragmentDefinitionNode]:
        """The document's fragments by name."""
        return {d.name.value: d for d in self.document.definitions if isinstance(d, FragmentDefinitionNode)}

    @property
    def name(self) -> str | None:
        """The operation's own name."""
        return self.definition.name.value if self.definition.name else None


class Documents:
    """The operations of one schema by text.

    Args:

        schema: what operations are validated against.
        size: how many texts are kept.
        limits: how large a text may be.
        suggestions: whether messages about unknown names say which known name is like it.
    """

    def __init__(
        self, schema: GraphQLSchema, size: int = 512, limits: Limits | None = None, *, suggestions: bool = True
    ) -> None:
        self._schema = schema
        self._limits = limits or Limits()
        self._hide_suggestions = not suggestions
        self.cache: Cache[str, Mapping[str | None, Operation] | GraphQLErrors] = Cache(size)

    def get(self, text: str, operation_name: str | None = None) -> Operation:
        """Return the operation that `operation_name` names, or the only one of the text.

        Raises:

            GraphQLErrors: malformed, too large or invalid text, or no such operation.
        """
        found = self.cache.get(text)
        if found is None:
            found = self._read(text)
            if len(text) <= _LONGEST_KEPT:
                self.cache.put(text, found)
        if isinstance(found, GraphQLErrors):
            raise GraphQLErrors(found.errors)
        return _choose(found, operation_name)

    def _read(self, text: str) -> Mapping[str | None, Operation] | GraphQLErrors:
        try:
            document = self._parse(text)
            errors = check(document, self._limits) or validate(
                self._schema, document, max_errors=_MAX_ERRORS, hide_suggestions=self._hide_suggestions
            )
        except GraphQLError as error:
            return GraphQLErrors([error])
        except RecursionError:
            return GraphQLErrors([_refused("The document is nested too deeply; nest fewer fields and fragments.")])
        if errors:
            return GraphQLErrors(errors)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        return {o.name.value if o.name else None: Operation(document, o) for o in operations}

    def _parse(self, text: str) -> DocumentNode:
        limits = self._limits
        if len(text) > limits.characters:
            msg = f"The document has {len(text)} characters; at most {limits.characters} are allowed. Put long values into variables."
            raise _refused(msg)
        document = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        token = document.loc.start_token if document.loc else None
        while token:
            if token.kind in _NUMBERS and len(token.value or "") > _LONGEST_NUMBER:
                msg = f"The number in line {token.line} has more than {_LONGEST_NUMBER} digits; no field holds such a number."
                raise _refused(msg)
            token = token.next
        return document


def _choose(operations: Mapping[str | None, Operation], name: str | None) -> Operation:
    if name is None and len(operations) == 1:
        return next(iter(operations.values()))
    if name is not None and name in operations:
        return operations[name]
    names = ", ".join(str(n) for n in operations)
    if not operations:
        msg = "The document has no operation; write for example `query { ... }`."
    elif name is None:
        msg = f"The document has several operations; say in operationName which one is meant: {names}."
    else:
        msg = f"The document has no operation {name[:60]!r}; it has: {names}."
    raise GraphQLErrors([_refused(msg)])


def _refused(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": Code.VALIDATION.value})
