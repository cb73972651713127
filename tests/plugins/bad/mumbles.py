"""A plugin with a type that does not say what its field is."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry

from crmcore import Extension, extend, hookimpl

plugin_name = "mumbles"


@strawberry.type(description="What was mumbled.")
class MumblesWord:
    loudness: int


@strawberry.field(description="The last word.")
async def mumbles_last() -> MumblesWord:
    return MumblesWord(loudness=1)


@hookimpl
def crm_graphql() -> Iterable[Extension]:
    return [extend("Query", mumbles_last, since="0.1.0")]
