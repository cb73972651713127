"""The rule about names."""

from __future__ import annotations

from enum import Enum

import strawberry

from crmcore import extend
from crmcore.contract.bronze.describing import every_addition_is_described
from crmcore.contract.bronze.names import names_carry_the_prefix
from tests.contract.conftest import Plotted, Take, said
from tests.plugins.conftest import made


@strawberry.enum
class Colour(Enum):
    """Colours of weeds."""

    GREEN = strawberry.enum_value("green", description="As grass.")
    BLUE = "blue"


@strawberry.type
class Leaf:
    """A leaf."""

    colour: Colour = strawberry.field(description="Its colour.")
    length: int = 3


@strawberry.field(description="A leaf of a weed.")
def weeds_leaf(large: bool = False) -> Leaf:
    return Leaf(colour=Colour.GREEN)


async def test_classes_in_the_schema_carry_the_prefix_too(take: Take) -> None:
    """The host knows only what is handed to it; a type that a field speaks of gets into the schema all the same."""
    subject = take(made(crm_graphql=lambda: [extend("Query", weeds_leaf)]), schema=True)
    assert [
        "The type Leaf (tests.contract.test_names) is added to the schema without the plugin's name.",
        "The type Colour (tests.contract.test_names) is added to the schema without the plugin's name.",
    ] == await said(names_carry_the_prefix, subject)
    assert [
        "Query.weedsLeaf(large) has no description.",
        "Leaf has no description.",
        "Leaf.length has no description.",
        "Colour has no description.",
        "Colour.BLUE has no description.",
    ] == await said(every_addition_is_described, subject)


async def test_types_that_follow_from_entities_are_fine(plotted: Plotted) -> None:
    """`CreatePlotInput` does not begin with the plugin's name; its entity does."""
    assert [] == await said(names_carry_the_prefix, plotted())
