"""Root fields that are a function of who asks and for what; what it gives is shown as payloads are.

graphql-core's executor costs a millisecond for an event of the feed with all its fields, `Projection` a tenth of that. Where a
plugin's plain field stands below, the executor it is, to which such a field is a plain one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import Node
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.access.actor import Actor
from crmcore.entities.sealing import Reading
from crmcore.graphql.requests.context import Context
from crmcore.graphql.requests.naming import names

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Give", "Straight", "straight", "straight_root"]

_STRAIGHT = "crm-straight"

#: From the CRM, the actor, for whom sealed values are opened (None: they are not shown), and the arguments by GraphQL name to
#: a value that `Projection` shows.
Give = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Straight:
    """What is behind such a field.

    Attributes:

        function: see `Give`.
        telling: names of the fields below that show sealed values; who names none of them reads nothing that is sealed.
    """

    function: Give
    telling: Collection[str]

    async def give(
        self, crm: Crm, actor: Actor, request_id: str | None, asked: Iterable[Node], given: Mapping[str, Any]
    ) -> Any:
        """Return the value for a request; `asked` is where its fields are named."""
        reading = Reading(actor, actor.access.purpose, request_id) if names(asked, self.telling) else None
        return await self.function(crm, actor, reading, **given)


def straight_root(
    name: str, description: str, type_: Any, give: Give, *arguments: StrawberryArgument, telling: Collection[str]
) -> StrawberryField:
    """Make such a field; arguments that are absent and have no default are not given to the function."""
    behind = Straight(give, telling)

    async def resolve(info: strawberry.Info[Context, None], **given: Any) -> Any:
        context, raw = info.context, info._raw_info
        asked = (raw.operation, *raw.fragments.values())
        return await behind.give(context.crm, context.actor, context.request_id, asked, given)

    made: StrawberryField = strawberry.field(
        resolver=resolve, name=name, description=description, graphql_type=type_, metadata={_STRAIGHT: behind}
    )
    # The resolver's annotations cannot say them: their enums are the schema's own.
    made.arguments = list(arguments)
    return made


def straight(field: StrawberryField) -> Straight | None:
    """Return what is behind such a field; None if it is another one."""
    return field.metadata.get(_STRAIGHT)
