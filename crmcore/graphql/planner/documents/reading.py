"""From a client's text to a checked operation: parsed, limited and validated once per text."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    TokenKind,
    parse,
)

from crmcore.cache import Cache
from crmcore.errors import Code
from crmcore.graphql.planner.documents.checked import Checked
from crmcore.graphql.planner.documents.document import GraphQLErrors, Operation
from crmcore.graphql.planner.documents.limits import Limits, too_many_tokens
from crmcore.graphql.planner.documents.tokens import count_tokens

__all__ = ["Documents"]

_LONGEST_KEPT = 20_000
_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
_LONGEST_NUMBER = 400


class Documents:
    """The operations of one schema by text.

    A text is validated once, whoever asks and whatever they may have: limits of another actor are compared with what was
    counted then, and the names that messages about unknown names suggest are looked up when somebody may see them.

    Args:

        schema: what operations are validated against.
        size: how many texts are kept.
        limits: how large a text may be, where `get` does not say.
        suggestions: whether messages about unknown names say which known name is like it, where `get` does not say.

    Attributes:

        longest: texts with more characters are served but not kept, so that the cache's memory is bounded by its size.
    """

    def __init__(
        self, schema: GraphQLSchema, size: int = 512, limits: Limits | None = None, *, suggestions: bool = True
    ) -> None:
        self._schema = schema
        self._limits = limits or Limits()
        self._suggestions = suggestions
        self.longest = _LONGEST_KEPT
        self.cache: Cache[str, Checked] = Cache(size)

    def get(
        self,
        text: str,
        operation_name: str | None = None,
        *,
        limits: Limits | None = None,
        suggestions: bool | None = None,
    ) -> Operation:
        """Return the operation that `operation_name` names, or the only one of the text.

        Args:

            text: the document.
            operation_name: as the client says.
            limits: of whoever asks.
            suggestions: whether they may learn names they do not know.

        Raises:

            GraphQLErrors: malformed, too large or invalid text, or no such operation.
        """
        limits = limits or self._limits
        found = self.cache.get(text)
        if found is None or found.limits is not limits:
            found = self._looked_at(text, found, limits)
        if found.operations is None:
            raise GraphQLErrors(found.errors(suggestions=self._suggestions if suggestions is None else suggestions))
        return _choose(found.operations, operation_name)

    def _looked_at(self, text: str, known: Checked | None, limits: Limits) -> Checked:
        excess = None if known is None else known.excess(limits)
        if excess:
            raise GraphQLErrors(excess)
        if known is None or excess is None:
            known = self._read(text, limits)
            if len(text) <= self.longest:
                self.cache.put(text, known)
        return known

    def _read(self, text: str, limits: Limits) -> Checked:
        try:
            document, tokens = _parse(text, limits)
            return Checked.of(self._schema, document, tokens, limits)
        except GraphQLError as error:
            return Checked.refused([error], limits)
        except RecursionError:
            refused = _refused("The document is nested too deeply; nest fewer fields and fragments.")
            return Checked.refused([refused], limits)


def _parse(text: str, limits: Limits) -> tuple[DocumentNode, int]:
    if len(text) > limits.characters:
        msg = f"The document has {len(text)} characters; at most {limits.characters} are allowed. Put long values into variables."
        raise _refused(msg)
    tokens = count_tokens(text, limits.tokens)
    if tokens > limits.tokens:
        raise too_many_tokens(limits)
    document = parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
    token = document.loc.start_token if document.loc else None
    while token:
        if token.kind in _NUMBERS and len(token.value or "") > _LONGEST_NUMBER:
            msg = (
                f"The number in line {token.line} has more than {_LONGEST_NUMBER} digits; no field holds such a number."
            )
            raise _refused(msg)
        token = token.next
    return document, tokens


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
