"""The commands as a whole: found by name, listed without being loaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import crmcore
from crmcore.cli import main
from crmcore.cli.commands.plugin import PLACES
from crmcore.cli.group import COMMANDS
from crmcore.cli.lazily import LazyGroup
from tests.cli.conftest import done, run

CONTEXT = click.Context(main)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(crmcore.__file__).parents[1])}


def test_help_loads_nothing_heavy() -> None:
    """`crm --help` imports neither the framework's libraries nor rich."""
    code = (
        "import sys; from crmcore.cli import main\n"
        "try: main(['--help'], prog_name='crm')\n"
        "except SystemExit: print(sorted(sys.modules.keys() & "
        "{'piccolo', 'strawberry', 'litestar', 'uvicorn', 'graphql', 'rich', 'asyncio', 'msgspec', 'crmcore.app'}))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=ENVIRONMENT
    ).stdout
    assert printed.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name: str) -> None:
    """The texts of `crm --help` stand apart from the commands, and agree with them."""
    command = main.get_command(CONTEXT, name)
    assert command is not None
    assert (command.name, command.get_short_help_str(200)) == (name, COMMANDS[name])


@pytest.mark.parametrize("name", PLACES)
def test_the_list_below_plugin_says_what_the_command_says(name: str) -> None:
    """`crm plugin --help` imports none of its commands either."""
    group = main.get_command(CONTEXT, "plugin")
    assert isinstance(group, LazyGroup)
    command = group.get_command(CONTEXT, name)
    assert command is not None
    assert (command.name, command.get_short_help_str(200)) == (name, PLACES[name].help)


#: Commands that have to do with files alone, whatever settings and database there are.
FILES = [("init",), ("plugin", "new"), ("plugin", "add"), ("plugin", "check"), ("schema", "diff")]


def _leaves(command: click.Command, words: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [words] if words not in FILES else []
    below = ((name, command.get_command(CONTEXT, name)) for name in command.list_commands(CONTEXT))
    return [leaf for name, sub in below if sub is not None for leaf in _leaves(sub, (*words, name))]


LEAVES = [leaf for name in COMMANDS for leaf in _leaves(main.get_command(CONTEXT, name) or main, (name,))]


@pytest.mark.parametrize("words", LEAVES, ids=" ".join)
def test_every_command_has_help_and_names_its_database(words: tuple[str, ...]) -> None:
    """Each says what it does, and takes --database and --config."""
    printed = done(run(*words, "--help"))
    assert "--database URL" in printed
    assert "--config FILE" in printed


def test_the_version_is_printed() -> None:
    """`crm --version` needs no database."""
    assert done(run("--version")).startswith("crm, version ")


def test_a_misspelt_command_is_met_with_the_right_one() -> None:
    """Exit code 2, and the name that was probably meant."""
    result = run("sevre")
    assert (result.exit_code, "serve" in result.stderr) == (2, True)


@pytest.fixture
def bells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed distribution that brings the plugin `bells`."""
    info = tmp_path / "crmcore_bells-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: crmcore-bells\nVersion: 1.0\nSummary: Bells to ring.\n"
    )
    (info / "entry_points.txt").write_text("[crmcore.plugins]\nbells = tests.plugins.with_commands\n")
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("bells")
def test_a_plugins_commands_are_below_its_name() -> None:
    """`crm bells ring` is the plugin's command `ring`."""
    assert done(run("bells", "ring")) == "ding\n"


@pytest.mark.usefixtures("bells")
def test_a_plugin_is_listed_with_what_its_distribution_says() -> None:
    """`crm --help` names installed plugins without importing them."""
    assert re.search(r"^  bells +Bells to ring\.$", done(run("--help")), re.MULTILINE)


def test_a_plugin_without_commands_says_so() -> None:
    """A name that is a plugin's and no command's is told apart from a misspelling."""
    result = run("customers")
    assert (result.exit_code, "has no commands" in result.stderr) == (2, True)
