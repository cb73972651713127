"""Named actions."""

from __future__ import annotations

from enum import Enum
from typing import Annotated
from uuid import UUID

import pytest

from crmcore.entities.action import REQUIRED, Parameter, Ref, action
from crmcore.entities.work import Work


class Colour(Enum):
    RED = 1


@action(returns="deal", permission="deals.paint")
async def paint_deal(
    work: Work,
    id: Annotated[UUID, Ref("deal"), "Which deal."],
    colours: Annotated[list[Colour], "In which colours."],
    note: Annotated[str | None, "Why."] = None,
) -> dict[str, object]:
    """Paint a deal
    in colours.

    Not a real thing.
    """
    return {"id": id, "colours": colours, "note": note}


def test_an_action_knows_its_name_and_sentence() -> None:
    """Clients see camel case and the docstring's first paragraph."""
    assert ("paintDeal", "Paint a deal in colours.") == (paint_deal.name, paint_deal.description)


def test_parameters_are_read_from_annotations() -> None:
    """Type, id's entity, list, null and default are what the annotation says."""
    assert (
        Parameter("id", UUID, "Which deal.", Ref("deal"), default=REQUIRED),
        Parameter("colours", Colour, "In which colours.", many=True, default=REQUIRED),
        Parameter("note", str, "Why.", null=True, default=None),
    ) == paint_deal.parameters


def test_a_parameter_without_description_is_refused() -> None:
    """The message names the function and the parameter."""

    async def bad(work: Work, name: str) -> None: ...

    with pytest.raises(TypeError, match=r"bad\(name\) has no description"):
        action(returns="deal")(bad)


def test_an_id_of_nothing_is_refused() -> None:
    """A UUID parameter says whose id it is."""

    async def bad(work: Work, id: Annotated[UUID, "Which."]) -> None: ...

    with pytest.raises(TypeError, match="is an id of what"):
        action(returns="deal")(bad)
