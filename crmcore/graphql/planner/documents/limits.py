"""How large a document may be, and for whom: checked before it is validated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from graphql import FragmentDefinitionNode, GraphQLError, OperationDefinitionNode

from crmcore.access.actor import Access
from crmcore.errors import Code
from crmcore.graphql.planner.documents.measure import Sizes
from crmcore.graphql.planner.documents.repeats import repeated_pairs

__all__ = ["Limits", "Tiers", "check", "excesses", "too_many_tokens"]

#: No client that is not out for it comes near: a hundred fragments that all select `id` of one record have 4950.
_MOST_PAIRS = 5000
#: Sets of roles whose limits are kept; people have few different ones, and all that ever were would be too many.
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may have; the counts are of one operation, its fragments unfolded.

    Attributes:

        tokens: lexical tokens of the text, comments apart.
        characters: length of the text.
        depth: levels of nested fields.
        aliases: fields with an alias.
        directives: directives on anything.
        fields: selected fields.
        records: records that lists in lists would hold were all their pages full.
    """

    tokens: int = 1000
    characters: int = 100_000
    depth: int = 16
    aliases: int = 30
    directives: int = 30
    fields: int = 500
    records: int = 250_000


class Tiers:
    """The limits of each actor.

    Args:

        default: of whoever has no role, and of roles that have none of their own.
        roles: by role key.
    """

    def __init__(self, default: Limits | None = None, roles: Mapping[str, Limits] | None = None) -> None:
        self.default = default or Limits()
        self._roles = dict(roles or {})
        self._known: dict[frozenset[str], Limits] = {}
        self._made = {self.default: self.default}

    def of(self, access: Access) -> Limits:
        """Return the limits of somebody who has several roles: of each the largest that a role has."""
        if not self._roles:
            return self.default
        known = self._known.get(access.roles)
        if known is None:
            found = _largest([self._roles.get(key, self.default) for key in access.roles] or [self.default])
            # Equal limits are the same object, by which documents tell that they were read under them.
            known = self._made.setdefault(found, found)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[access.roles] = known
        return known


def _largest(limits: Sequence[Limits]) -> Limits:
    return Limits(**{f.name: max(getattr(one, f.name) for one in limits) for f in fields(Limits)})


def check(sizes: Sizes, limits: Limits) -> list[GraphQLError]:
    """Return an error for each limit an operation or a fragment of a document exceeds, and for what is circular.

    Args:

        sizes: as `measure` gives them.
        limits: of whoever asks.
    """
    errors = list(excesses(sizes, limits))
    errors += [
        _refused(f"{_named(d)} spreads a fragment that spreads itself; take the circle out.", d)
        for d, size in sizes
        if size.circular
    ]
    # Fragments are unfolded to look for repetitions, so it must be certain first that this does not take for ever.
    return errors or _repetitions([definition for definition, _ in sizes])


def excesses(sizes: Sizes, limits: Limits) -> Iterator[GraphQLError]:
    """Yield an error for each limit an operation or a fragment exceeds."""
    for definition, size in sizes:
        for what, has, may in (
            ("levels of nested fields", size.depth, limits.depth),
            ("aliases", size.aliases, limits.aliases),
            ("directives", size.directives, limits.directives),
            ("fields", size.fields, limits.fields),
            ("records in its lists of lists", size.records, limits.records),
        ):
            if has > may:
                counted = f"{has}" if has < 10 * may else f"more than {10 * may}"
                message = f"{_named(definition)} has {counted} {what}; at most {may} are allowed. Ask for less, or split the operation."
                yield _refused(message, definition)


def too_many_tokens(limits: Limits) -> GraphQLError:
    """Return the error of a text that has too many tokens."""
    message = f"The document has more than {limits.tokens} tokens. Ask for less, put long values into variables, or split the document."
    return GraphQLError(message, extensions={"code": Code.VALIDATION.value})


def _repetitions(definitions: Sequence[OperationDefinitionNode | FragmentDefinitionNode]) -> list[GraphQLError]:
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    return [
        _refused(f"{_named(d)} selects the same fields again and again; select each once.", d)
        for d in definitions
        if repeated_pairs(d, fragments, _MOST_PAIRS) > _MOST_PAIRS
    ]


def _named(definition: OperationDefinitionNode | FragmentDefinitionNode) -> str:
    kind = "Fragment" if isinstance(definition, FragmentDefinitionNode) else "Operation"
    return f"{kind} {definition.name.value!r}" if definition.name else "The operation"


def _refused(message: str, definition: OperationDefinitionNode | FragmentDefinitionNode) -> GraphQLError:
    return GraphQLError(message, definition, extensions={"code": Code.VALIDATION.value})
