"""The rule that everything says what it is, beside the schema."""

from __future__ import annotations

import click
import msgspec

from crmcore import Permission, Registered
from crmcore.contract.bronze.describing import every_addition_is_described
from tests.contract.conftest import Plotted, Take, said
from tests.plugins.conftest import made


class WeedsSettings(msgspec.Struct, frozen=True):
    """Weeds.

    Attributes:

        height: centimetres.
    """

    height: int = 3
    width: int = 2


@click.command()
def mow() -> None:
    pass


async def test_what_is_not_in_the_schema_is_described_too(take: Take) -> None:
    """Settings, permissions, members of open sets, and commands."""
    hooks = {
        "crm_settings": lambda: WeedsSettings,
        "crm_permissions": lambda: [Permission("weeds.pull", " ")],
        "crm_registered": lambda: [Registered("interaction_kinds", "WEEDING", "Weeding", "")],
        "crm_commands": lambda: [mow],
    }
    assert [
        "The setting width has no description.",
        "The permission weeds.pull has no description.",
        "The member WEEDING of interaction_kinds has no description.",
        "The command crm weeds mow has no description.",
        "The schemas with it and without it are one.",
    ][:4] == [what for what in await said(every_addition_is_described, take(made(**hooks))) if "description" in what]


async def test_a_plugin_that_says_everything_is_fine(plotted: Plotted) -> None:
    """Nothing is asked for twice."""
    assert [] == await said(every_addition_is_described, plotted())
