"""Root fields that are a function of who asks and for what; what it gives is shown as payloads are.

graphql-core's executor costs a millisecond for an event of the feed with all its fields, `Projection` a tenth of that. Where a
plugin's plain field stands below, the executor it is, to which such a field is a plain one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.graphql.requests.context import Context

__all__ = ["Give", "straight", "straight_root"]

_GIVE = "crm-give"

#: From the CRM, the actor, and the arguments by GraphQL name to a value that `Projection` shows.
Give = Callable[..., Awaitable[Any]]


def straight_root(
    name: str, description: str, type_: Any, give: Give, *arguments: StrawberryArgument
) -> StrawberryField:
    """Make such a field; arguments that are absent and have no default are not given to the function."""

    async def resolve(info: strawberry.Info[Context, None], **given: Any) -> Any:
        return await give(info.context.crm, info.context.actor, **given)

    made: StrawberryField = strawberry.field(
        resolver=resolve, name=name, description=description, graphql_type=type_, metadata={_GIVE: give}
    )
    # The resolver's annotations cannot say them: their enums are the schema's own.
    made.arguments = list(arguments)
    return made


def straight(field: StrawberryField) -> Give | None:
    """Return the function behind such a field; None if it is another one."""
    return field.metadata.get(_GIVE)
