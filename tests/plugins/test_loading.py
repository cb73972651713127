"""Which plugins are loaded, in which order, and what is said when one cannot be."""

from __future__ import annotations

import sys

from crmcore import Added, Permission, Registered, Settings, __version__, fields, kinds
from crmcore.plugins import Plugins, load_plugins
from crmcore.plugins.names import BUILT_IN
from tests.plugins import with_commands
from tests.plugins.conftest import made, refused
from tests.plugins.installed import Site

number = fields.Expression("weedsNumber", "A number.", kinds.INT, lambda t, dialect: "1")


def names(plugins: Plugins) -> list[str]:
    """Names of the plugins that are not built in."""
    return [p.name for p in plugins if not p.builtin]


def problems(*given: object, **settings: object) -> list[str]:
    """What is wrong with the installed plugins and those given."""
    found: list[str] = []
    load_plugins(Settings(**settings), given, problems=found)  # type: ignore[arg-type]
    return found


def test_built_in_plugins_come_first(site: Site) -> None:
    """The built-in plugins load before all others, in their own order."""
    site.add("ants")

    assert [*BUILT_IN, "ants"] == [p.name for p in load_plugins(Settings())]


def test_plugins_follow_those_their_distributions_require(site: Site) -> None:
    """A plugin loads after the plugins of the distributions its own requires, however the name is spelt."""
    site.add("ants", requires=["crm-bees", "crm-wasps>=1"])
    site.add("bees", requires=["CRM_Wasps"])
    site.add("wasps")

    assert ["wasps", "bees", "ants"] == names(load_plugins(Settings()))


def test_without_requirements_names_decide(site: Site) -> None:
    """The order is the same on every machine: by name."""
    for name in ("cats", "ants", "bees"):
        site.add(name)

    assert ["ants", "bees", "cats"] == names(load_plugins(Settings()))


def test_plugins_of_a_program_come_last(site: Site) -> None:
    """What a program gives follows what is installed, in the order given."""
    site.add("zebras")

    assert ["zebras", "bells", "ants"] == names(load_plugins(Settings(), [with_commands, made("ants")]))


def test_a_given_plugin_that_is_installed_is_loaded_once(site: Site) -> None:
    """A program may give the module of a plugin that is installed anyway."""
    site.add("ants", code='plugin_name = "ants"')
    load_plugins(Settings())

    assert ["ants"] == names(load_plugins(Settings(), [sys.modules["crm_ants_ants_module"]]))


def test_installed_plugins_can_be_left_out(site: Site) -> None:
    """A program, or a test, can have the built-in plugins alone."""
    site.add("ants")

    assert [] == names(load_plugins(Settings(), installed=False))


def test_a_plugin_says_who_it_is(site: Site) -> None:
    """Messages name a plugin with the distribution and version that bring it."""
    site.add("ants", version="2.5")

    assert "Plugin 'ants' (crm-ants 2.5)" == str(load_plugins(Settings())[-1])


def test_a_disabled_plugin_is_not_imported(site: Site) -> None:
    """What is disabled can be as broken as it wants."""
    site.add("ants", code="raise SystemExit('no')")

    plugins = load_plugins(Settings(disabled_plugins=("ants",)))

    assert ([], ("ants",)) == (names(plugins), plugins.disabled)


def test_an_import_that_fails(site: Site) -> None:
    """The message has the plugin, the exception, its place, and how to start without it."""
    site.add("ants", code="import nowhere_to_be_found")

    (problem,) = problems()

    assert problem.startswith(
        "Plugin 'ants' (crm-ants 1.0) cannot be imported: ModuleNotFoundError: No module named 'nowhere_to_be_found' (/"
    )
    assert problem.endswith(
        "crm_ants_ants_module.py:2). Install what is missing, or start without it: CRM_DISABLED_PLUGINS=ants."
    )


def test_a_requirement_of_another_version_of_crmcore(site: Site) -> None:
    """pip may have been bypassed: both versions are named, and the way out."""
    site.add("ants", requires=["crmcore>=99,<100"])

    assert [
        f"Plugin 'ants' (crm-ants 1.0) requires crmcore<100,>=99, but crmcore is {__version__}. Install a version that fits, "
        "or start without the plugin: CRM_DISABLED_PLUGINS=ants."
    ] == problems()


def test_a_requirement_that_is_not_installed(site: Site) -> None:
    """A missing distribution is told before an import of it fails somewhere deep."""
    site.add("ants", requires=["anthill>=2", "never-needed; extra == 'big'", "nor-this; python_version < '3'"])

    (problem,) = problems()

    assert "Plugin 'ants' (crm-ants 1.0) requires anthill>=2, which is not installed. Install" in problem


def test_a_prerelease_meets_a_requirement(site: Site) -> None:
    """Whoever installed a prerelease meant it."""
    site.add("ants", requires=["crm-bees>=1"])
    site.add("bees", version="2.0rc1")

    assert [] == problems()


def test_a_requirement_nobody_can_read(site: Site) -> None:
    """Broken metadata is a problem, not a traceback."""
    site.add("ants", requires=["this is nothing"])

    (problem,) = problems()

    assert "Plugin 'ants' (crm-ants 1.0) has a requirement that cannot be read" in problem


def test_a_circle_of_requirements(site: Site) -> None:
    """Plugins that require each other in a circle have no order."""
    site.add("ants", requires=["crm-bees"])
    site.add("bees", requires=["crm-ants"])

    (problem,) = problems()

    assert problem.startswith("Plugins' distributions require each other in a circle: crm-")
    assert problem.endswith("Uninstall or disable one of them.")


def test_disabling_what_another_plugin_needs(site: Site) -> None:
    """A plugin that is needed cannot be disabled alone."""
    site.add("ants", requires=["crm-bees"])
    site.add("bees")

    assert [
        "Plugin 'ants' (crm-ants 1.0) requires plugin 'bees' (crm-bees 1.0), which is disabled; disable both or neither."
    ] == problems(disabled_plugins=("bees",))


def test_disabling_a_part_of_crmcore() -> None:
    """Built-in plugins cannot be disabled."""
    assert ["disabled_plugins names 'access', which is a part of crmcore; remove it from the list."] == problems(
        disabled_plugins=("access",)
    )


def test_disabling_what_is_not_installed(site: Site) -> None:
    """A typo in disabled_plugins is told, with the closest name."""
    site.add("ants")

    assert ["disabled_plugins names 'antz', but no such plugin is installed; did you mean ants?"] == problems(
        disabled_plugins=("antz",)
    )


def test_two_distributions_with_one_plugin_name(site: Site) -> None:
    """Both distributions are named."""
    site.add("ants")
    site.add("ants", distribution="red-ants", version="3")

    assert ["Two distributions bring a plugin 'ants': crm-ants 1.0 and red-ants 3; uninstall one."] == problems()


def test_a_name_that_cannot_be(site: Site) -> None:
    """Plugin names are single lower-case words, since tables, fields and variables begin with them."""
    site.add("big_ants")

    (problem,) = problems()

    assert "Plugin 'big_ants' (crm-big_ants 1.0) has a name that cannot be; use one lower-case word" in problem


def test_a_name_that_is_taken(site: Site) -> None:
    """A plugin cannot be called as a part of crmcore or as a command of `crm`."""
    site.add("serve")

    assert ["Plugin 'serve' (crm-serve 1.0) has a name that crmcore keeps for itself; choose another."] == problems()


def test_a_given_plugin_without_a_name() -> None:
    """An object needs a plugin_name to be a plugin."""
    (problem,) = problems(object())

    assert 'has no name; give it plugin_name = "…".' in problem


def test_two_given_plugins_of_one_name() -> None:
    """Names are unique among given plugins too."""
    assert ["Plugin 'ants' (given to Crm) has the name of another plugin; rename it."] == problems(
        made("ants"), made("ants")
    )


def test_everything_that_is_wrong_is_told_at_once(site: Site) -> None:
    """Settings, imports, requirements, hooks, names, fields and keys: one error has them all, a line each."""
    site.add("ants", code="1 / 0")
    site.add("bees", requires=["crmcore>=99"])
    site.add("cats", code="@hookimpl\ndef crm_entitis(): ...")
    weeds = made(
        crm_registered=lambda: [Registered("colours", "GREEN", "Green", "…")],
        crm_permissions=lambda: [Permission("pull", "Pull weeds.")],
        crm_fields=lambda: [Added("custommer", number)],
    )
    settings = Settings(disabled_plugins=("dogs",), plugins={"eels": {}}, database="mysql://x")
    said = refused(weeds, settings=settings, installed=True)

    parts = ("'dogs'", "'bees'", "'ants'", "'cats'", "mysql", "[plugins.eels]", "'pull'", "'custommer'", "'colours'")
    assert list(parts) == [next(part for part in parts if part in line) for line in said]
