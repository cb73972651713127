"""A plugin of several rooms gives what each declares in one piece."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from crmcore import Crm, Part, Permission, Settings
from crmcore.errors import SetupError
from crmcore.plugins import load_plugins
from tests.plugins import with_parts
from tests.plugins.conftest import made, refused


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A file that is made when a CRM starts."""
    return Settings(database=f"sqlite:///{tmp_path / 'house.db'}")


@pytest.fixture
def house(settings: Settings) -> Crm:
    """A CRM with the house."""
    with_parts.told.clear()
    return Crm(settings, plugins=[with_parts], installed=False)


def test_parts_follow_what_the_plugin_itself_declares(house: Crm) -> None:
    """What a hook's function returns comes first, then the parts in their order, all marked with the plugin's name."""
    found = [(p.name, p.plugin) for p in house.declared.permissions if p.plugin == "house"]

    assert [("house.sell", "house"), ("house.cook", "house"), ("house.enter", "house")] == found


def test_a_part_counts_as_the_hooks_it_stands_for(house: Crm) -> None:
    """Who asks what a plugin takes part in hears of its parts; a part that gives nothing by a hook does not count."""
    expected = ["crm_parts", "crm_permissions", "crm_commands", "crm_startup", "crm_shutdown"]

    assert expected == house.plugins.hooks_of("house")


def test_commands_of_parts(house: Crm) -> None:
    """They are called after the plugin's name as any."""
    assert [("house", ["knock"])] == [
        (name, [c.name for c in commands]) for name, commands in house.plugins.commands() if name == "house"
    ]


def test_two_parts_with_one_command() -> None:
    """Commands of one name are found over all parts of a plugin."""
    parts = [Part(commands=lambda: [click.Command("pull")]) for _ in range(2)]
    plugins = load_plugins(Settings(), [made(crm_parts=lambda: parts)], installed=False)

    with pytest.raises(SetupError) as caught:
        plugins.commands()

    assert ["Plugin 'weeds' (given to Crm) brings the command 'pull' twice; rename one."] == list(caught.value.problems)


def test_routes_of_parts() -> None:
    """All parts' handlers are mounted as one plugin's."""
    parts = [Part(routes=list), Part(routes=list)]
    plugins = load_plugins(Settings(), [made(crm_parts=lambda: parts)], installed=False)

    assert [("weeds", [])] == [found for found in plugins.routes() if found[0] == "weeds"]


@pytest.mark.parametrize("answer", [7, ["kitchen"], Part()])
def test_what_is_no_list_of_parts(answer: object) -> None:
    """An answer that is none is told with what it should be."""
    assert refused(made(crm_parts=lambda: answer)) == [
        f"Plugin 'weeds' (given to Crm) gives {answer!r} by crm_parts; give a list of Part."
    ]


def test_a_part_with_a_wrong_declaration() -> None:
    """It is told as if the hook's function had returned it."""
    part = Part(permissions=("weeds.pull",))  # type: ignore[arg-type]

    assert refused(made(crm_parts=lambda: [part])) == [
        "Plugin 'weeds' (given to Crm) gives 'weeds.pull' by crm_permissions; each item must be Permission."
    ]


class TestLife:
    """Parts open and close."""

    async def test_parts_start_in_order_and_stop_in_reverse(self, house: Crm) -> None:
        """As plugins do among each other."""
        await house.start(migrate="new")
        await house.stop()

        assert ["kitchen on", "kitchen off"] == with_parts.told

    async def test_a_part_that_cannot_start_closes_the_parts_before_it(self, settings: Settings) -> None:
        """Parts of the same plugin too; the one that failed and those after it have nothing to close."""
        told: list[str] = []

        def part(name: str, *, fails: bool = False) -> Part:
            async def startup(crm: Crm) -> None:
                if fails:
                    raise RuntimeError(name)
                told.append(f"{name} on")

            async def shutdown(crm: Crm) -> None:
                told.append(f"{name} off")

            return Part(startup=startup, shutdown=shutdown, permissions=(Permission(f"weeds.{name}", "A room."),))

        async def crm_startup() -> None:
            told.append("own on")

        async def crm_shutdown() -> None:
            told.append("own off")

        parts = [part("one"), part("two"), part("three", fails=True), part("four")]
        weeds = made(crm_parts=lambda: parts, crm_startup=crm_startup, crm_shutdown=crm_shutdown)
        crm = Crm(settings, plugins=[weeds], installed=False)

        with pytest.raises(RuntimeError, match="three"):
            await crm.start(migrate="new")

        assert ["own on", "one on", "two on", "two off", "one off", "own off"] == told
