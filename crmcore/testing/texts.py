"""GraphQL texts of a test run: what one test has asked, another asks without parsing and validating it again."""

from __future__ import annotations

from copy import copy

from graphql import GraphQLSchema

from crmcore.cache import Cache
from crmcore.graphql.planner import Documents, Limits, Operation
from crmcore.graphql.planner.documents.checked import Checked

__all__ = ["Read", "Texts"]

#: Valid texts by what they were read for.
Read = Cache[tuple[GraphQLSchema, str, Limits], Checked]


class Texts(Documents):
    """The documents of one CRM; nothing that another has worked out about an operation is known here.

    Args:

        schema: what operations are validated against.
        size: how many texts are kept.
        limits: how large a text may be, where `get` does not say.
        read: what all CRMs of the run have read.
    """

    def __init__(self, schema: GraphQLSchema, size: int, limits: Limits, read: Read) -> None:
        super().__init__(schema, size, limits)
        self._known = read

    def _read(self, text: str, limits: Limits) -> Checked:
        key = self._schema, text, limits
        found = self._known.get(key)
        if found is None:
            found = super()._read(text, limits)
            if found.operations is None:
                return found
            self._known.put(key, found)
        return _untouched(found)


def _untouched(checked: Checked) -> Checked:
    assert checked.operations is not None
    twin = copy(checked)
    twin.operations = {name: Operation(one.document, one.definition) for name, one in checked.operations.items()}
    return twin
