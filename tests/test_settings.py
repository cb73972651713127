"""Settings: one file and variables, typed, with everything that is wrong reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pytest
from msgspec import Meta, Struct
from msgspec.structs import fields

from crmcore.assembly import resolve_settings
from crmcore.errors import SetupError
from crmcore.plugins import load_plugins
from crmcore.settings import GraphQL, Http, Log, Pages, Settings, load_settings, plugin_settings
from crmcore.settings.describe import attributes
from crmcore.settings.reader import Reader
from crmcore.settings.reference import settings_reference, settings_table

ROOT = Path(__file__).parent.parent
SECTIONS = (Settings, GraphQL, Http, Log, Pages)


class Loyalty(Struct, frozen=True, forbid_unknown_fields=True):
    """What points are worth.

    Attributes:

        welcome_points: points a new
            member gets.
        tiers: names of the tiers.
        note: what the receipt says.
    """

    welcome_points: Annotated[int, Meta(ge=0)] = 100
    tiers: tuple[str, ...] = ("silver", "gold")
    note: str | None = None


def loaded(tmp_path: Path, toml: str = "", environment: Mapping[str, str] | None = None) -> Settings:
    """Load settings from a file with this text."""
    file = tmp_path / "crm.toml"
    file.write_text(toml, "utf-8")
    return load_settings(file, environment=environment or {})


def with_loyalty(settings: Settings, *, disabled: tuple[str, ...] = ()) -> tuple[Settings, list[str]]:
    """Resolve the section of one plugin, and give what is wrong."""
    problems: list[str] = []
    return plugin_settings(settings, {"loyalty": Loyalty, "plain": None}, disabled, problems), problems


def test_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without file and variables everything has its default, and nothing is wrong."""
    monkeypatch.chdir(tmp_path)

    settings = load_settings(environment={})

    assert ("sqlite:///crm.db", 8000, ()) == (settings.database, settings.port, settings.origin.problems)


def test_file(tmp_path: Path) -> None:
    """The file sets top-level settings and those of sections."""
    settings = loaded(tmp_path, 'database = "postgresql://crm@db/crm"\n[pages]\nmaximum = 50\n')

    assert ("postgresql://crm@db/crm", 50, 20) == (settings.database, settings.pages.maximum, settings.pages.default)


def test_variables_count_above_the_file(tmp_path: Path) -> None:
    """A variable beats the file, in a section too."""
    settings = loaded(tmp_path, "port = 1\n[log]\nlevel = 'INFO'\n", {"CRM_PORT": "2", "CRM_LOG_LEVEL": "DEBUG"})

    assert (2, "DEBUG") == (settings.port, settings.log.level)


def test_a_list_in_a_variable(tmp_path: Path) -> None:
    """Lists in variables are separated by commas."""
    settings = loaded(tmp_path, "", {"CRM_DISABLED_PLUGINS": "tasks, loyalty,"})

    assert ("tasks", "loyalty") == settings.disabled_plugins


def test_crm_config_names_the_file(tmp_path: Path) -> None:
    """CRM_CONFIG names another file, and is no setting itself."""
    file = tmp_path / "other.toml"
    file.write_text("port = 9999")

    settings = load_settings(environment={"CRM_CONFIG": str(file)})

    assert (9999, {}) == (settings.port, settings.origin.unclaimed)


def test_the_database_given_by_a_program_wins(tmp_path: Path) -> None:
    """The argument `database` counts above file and variables."""
    settings = load_settings(database="sqlite:///x.db", environment={"CRM_DATABASE": "sqlite:///y.db"})

    assert "sqlite:///x.db" == settings.database


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    """A file that was named and does not exist is a problem, and the message names the way out."""
    settings = load_settings(tmp_path / "no.toml", environment={})

    (problem,) = settings.origin.problems
    assert "no.toml does not exist; correct --config or CRM_CONFIG" in problem


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    """Broken TOML is a problem with its place."""
    (problem,) = loaded(tmp_path, "port = = 1").origin.problems

    assert "is no TOML" in problem
    assert "line 1" in problem


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Each wrong setting is a line of its own that says what the setting means."""
    settings = loaded(
        tmp_path, "prot = 1\npool_size = 0\nhttp = 3\n[pages]\nmaximum = 'many'\n", {"CRM_PORT": "tcp://10.0.0.1:80"}
    )

    problems = "\n".join(settings.origin.problems)
    assert 5 == len(settings.origin.problems)
    assert "prot is no setting; did you mean port?" in problems
    assert "pool_size is wrong: Expected `int` >= 1. It means: connections to the database" in problems
    assert "http is a section; write [http]" in problems
    assert "pages.maximum is wrong: Expected `int`, got `str`" in problems
    assert "CRM_PORT is wrong" in problems


def test_the_file_is_typed(tmp_path: Path) -> None:
    """A number in quotes is a mistake in the file, unlike in a variable."""
    (problem,) = loaded(tmp_path, 'port = "80"').origin.problems

    assert "port is wrong: Expected `int`, got `str`" in problem


def test_settings_that_contradict_each_other(tmp_path: Path) -> None:
    """A rule over several settings is reported with its section."""
    (problem,) = loaded(tmp_path, "[pages]\ndefault = 300\n").origin.problems

    assert problem.endswith("crm.toml: [pages] is wrong: default is more than maximum; make it smaller.")


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "America", ""])
def test_a_time_zone_there_is_not(zone: str) -> None:
    """Stops the start, with the way out; days would else begin at some other midnight."""
    with pytest.raises(SetupError) as refused:
        resolve_settings(Settings(time_zone=zone), load_plugins(Settings(), installed=False))

    [problem] = refused.value.problems
    assert f"time_zone is {zone!r}, which is no time zone; give an IANA name, as in Europe/Berlin." in problem


def test_a_plugin_gets_its_section_and_variables(tmp_path: Path) -> None:
    """A plugin's settings come from `[plugins.NAME]` and `CRM_NAME_X`, and are read by their class."""
    settings = loaded(tmp_path, "[plugins.loyalty]\nwelcome_points = 5\n", {"CRM_LOYALTY_TIERS": "bronze"})

    settings, problems = with_loyalty(settings)

    assert ([], Loyalty(welcome_points=5, tiers=("bronze",))) == (problems, settings[Loyalty])


def test_a_plugin_without_section_gets_its_defaults(tmp_path: Path) -> None:
    """A plugin needs no section."""
    settings, _ = with_loyalty(loaded(tmp_path))

    assert Loyalty() == settings[Loyalty]


def test_a_program_may_give_the_struct() -> None:
    """Settings made by a program hold the plugin's struct itself, or a dict for it."""
    given = Loyalty(welcome_points=1)

    settings, problems = with_loyalty(Settings(plugins={"loyalty": given}))

    assert ([], given) == (problems, settings[Loyalty])


def test_settings_of_a_plugin_that_is_not_loaded() -> None:
    """Asking for settings nobody declares is a mistake in the program, and says so."""
    with pytest.raises(KeyError, match="No loaded plugin declares the settings"):
        Settings()[Loyalty]


def test_a_plugins_wrong_settings(tmp_path: Path) -> None:
    """What is wrong in a plugin's section is reported as the core's is."""
    settings = loaded(tmp_path, "[plugins.loyalty]\nwelcom_points = 1\nwelcome_points = -1\n")

    _, problems = with_loyalty(settings)

    assert [
        "plugins.loyalty.welcom_points is no setting; did you mean welcome_points?",
        "plugins.loyalty.welcome_points is wrong: Expected `int` >= 0. It means: points a new member gets.",
    ] == [p.partition("crm.toml: ")[2] for p in problems]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("loyality", "no plugin of that name is loaded; install it, or correct the name: did you mean loyalty?"),
        ("plain", "plugin 'plain' has no settings; remove the section."),
    ],
)
def test_a_section_of_nobody(tmp_path: Path, section: str, said: str) -> None:
    """A section that no loaded plugin reads is a problem."""
    _, (problem,) = with_loyalty(loaded(tmp_path, f"[plugins.{section}]\nx = 1\n"))

    assert f"[plugins.{section}] is set, but {said}" == problem


def test_an_unknown_variable(tmp_path: Path) -> None:
    """A `CRM_*` variable that nobody reads is a problem: it may be the typo that makes production use SQLite."""
    _, (problem,) = with_loyalty(loaded(tmp_path, "", {"CRM_DATABSE": "postgresql://x", "CRM_TOKEN": "for scripts"}))

    assert problem.startswith(
        "The variable CRM_DATABSE is no setting of the core nor of a loaded plugin; correct or unset it"
    )


def test_settings_of_a_disabled_plugin_may_stay(tmp_path: Path) -> None:
    """To disable a plugin for an hour, its settings need not be removed."""
    settings = loaded(tmp_path, "[plugins.tasks]\nx = 1\n", {"CRM_TASKS_Y": "2"})

    _, problems = with_loyalty(settings, disabled=("tasks",))

    assert [] == problems


def test_a_required_setting_that_is_missing() -> None:
    """A setting without default must be set; the message names file and variable."""

    class Keyed(Struct):
        key: str

    reader = Reader("crm.toml", {})

    assert reader.read(Keyed, {}, section="plugins.mail") is None
    assert ["crm.toml: plugins.mail.key is not set and has no default; set it or CRM_MAIL_KEY."] == reader.problems


@pytest.mark.parametrize("kind", SECTIONS)
def test_every_setting_is_described(kind: type[Struct]) -> None:
    """Each setting has a sentence, and each sentence a setting."""
    assert [f.name for f in fields(kind)] == list(attributes(kind))


def test_every_setting_is_used() -> None:
    """No setting is declared that no code reads."""
    code = "\n".join(f.read_text("utf-8") for f in (ROOT / "crmcore").rglob("*.py") if f.parent.name != "settings")
    names = {f.name for kind in SECTIONS for f in fields(kind)}

    assert [] == sorted(name for name in names if f".{name}" not in code)


def test_the_reference_is_made_from_the_structs() -> None:
    """docs/reference/settings.md is what the structs say; `python -m crmcore.settings.reference` writes it anew."""
    assert settings_reference() == (ROOT / "docs/reference/settings.md").read_text("utf-8")


def test_a_plugins_table() -> None:
    """A plugin's README can show its settings as the reference shows the core's."""
    assert (
        "| setting | variable | type | default | meaning |\n"
        "|---|---|---|---|---|\n"
        "| `welcome_points` | `CRM_LOYALTY_WELCOME_POINTS` | integer, at least 0 | `100` | points a new member gets. |\n"
        '| `tiers` | `CRM_LOYALTY_TIERS` | list of texts | `["silver","gold"]` | names of the tiers. |\n'
        "| `note` | `CRM_LOYALTY_NOTE` | text | not set | what the receipt says. |\n"
    ) == settings_table(Loyalty, "plugins.loyalty")
