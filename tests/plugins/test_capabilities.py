"""What a plugin says it does is read from its package without importing it, and told in sentences."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from crmcore import Crm, Settings
from crmcore.errors import SetupError
from crmcore.plugins.capabilities import Capabilities, Unreadable, capabilities_in, capabilities_of, folder_of
from tests.upgrade import ants

#: Starts a CRM with a version of `ants`, 0 for none; gives what the refusal says.
Start: TypeAlias = "Callable[..., Awaitable[str]]"


def entry(module: str) -> EntryPoint:
    """The entry point of a plugin."""
    return EntryPoint("hornets", module, "crmcore.plugins")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package `hornets_package`, which cannot be imported, in a folder of installed packages."""
    folder = tmp_path / "hornets_package"
    (folder / "inner").mkdir(parents=True)
    for file in (folder / "__init__.py", folder / "inner" / "plugin.py"):
        file.write_text("raise RuntimeError('imported')\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_capabilities_are_read_without_importing(place: Path) -> None:
    """A plugin that cannot even be imported says what it does."""
    (place / "capabilities.toml").write_text('tables = ["hornets_nest"]\nnetwork = ["*.example.com"]\n', "utf-8")

    found = capabilities_of(entry("hornets_package.plugin:thing"))

    assert Capabilities(tables=("hornets_nest",), network=("*.example.com",)) == found
    assert "hornets_package" not in sys.modules


def test_the_file_nearest_to_the_module_counts(place: Path) -> None:
    """A distribution that brings several plugins has a file for each."""
    (place / "capabilities.toml").write_text('secrets = ["outer"]', "utf-8")
    (place / "inner" / "capabilities.toml").write_text('secrets = ["inner"]', "utf-8")

    assert Capabilities(secrets=("inner",)) == capabilities_of(entry("hornets_package.inner.plugin"))
    assert Capabilities(secrets=("outer",)) == capabilities_of(entry("hornets_package.plugin"))


def test_a_plugin_may_say_nothing(place: Path) -> None:
    """Its package is found all the same; a module alone has no place for the file."""
    assert None is capabilities_of(entry("hornets_package.inner.plugin"))
    assert place / "inner" == folder_of(entry("hornets_package.inner.plugin"))
    assert None is folder_of(entry("nowhere_to_be_found.plugin"))


@pytest.mark.parametrize("text", ["tables = 3", 'colour = "green"', "tables = ["])
def test_a_file_that_cannot_be_read_is_named(place: Path, text: str) -> None:
    """A misspelt key is not overlooked, since it may be a host or a secret."""
    (place / "capabilities.toml").write_text(text, "utf-8")

    with pytest.raises(Unreadable, match=r"capabilities\.toml cannot be read: .* It has lists of texts: tables, hooks"):
        capabilities_in(place)


def test_capabilities_are_told_in_sentences() -> None:
    """What an operator should know before enabling it, and nothing of what only declares names."""
    said = Capabilities(
        tables=("hornets_nest",),
        hooks=("crm_tables", "crm_routes", "crm_handlers"),
        network=("api.example.com", "setting:webhook_host"),
        secrets=("api_key",),
        environment=("HTTPS_PROXY", "setting:api_key"),
        reads=("customer",),
    )

    assert [
        "It keeps the tables hornets_nest.",
        "It reads records of customer.",
        "It answers HTTP requests of its own; is told of changes, and may refuse or follow them.",
        "It connects to api.example.com, the host of its setting webhook_host.",
        "It is given secrets in the settings api_key.",
        "It reads the environment variables HTTPS_PROXY, the one named by its setting api_key.",
    ] == said.shown()
    assert ["It keeps no tables.", "It connects to nothing."] == Capabilities().shown()


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A function that starts a CRM with a version of `ants` on one database, and gives what the refusal says."""
    ants.install(tmp_path / "site", 3)
    monkeypatch.syspath_prepend(tmp_path / "site")

    async def start(version: int, migrate: Literal["always", "never"] = "never") -> str:
        settings, plugin = (
            Settings(database=f"sqlite:///{tmp_path}/crm.db"),
            ants.loaded(tmp_path / str(version), version or 1),
        )
        crm = Crm(settings, plugins=[plugin] if version else (), installed=False)
        try:
            await crm.start(migrate=migrate)
        except SetupError as refused:
            return refused.problems[0]
        await crm.stop()
        return ""

    return start


async def test_a_plugin_that_is_new_to_a_database_is_introduced(started: Start) -> None:
    """Its migrations stop the start until somebody lets it in; the message says what it does."""
    await started(0, "always")

    problem = await started(3)

    assert "lacks the migrations ants_0001_initial, ants_0002_sizes, ants_0003_titles; run `crm migrate`." in problem
    assert "Plugin 'ants' (given to Crm) is new to it. It keeps the tables ants_nest, ants_ant." in problem
    assert "It connects to api.example.com." in problem


async def test_a_plugin_that_is_known_is_not_introduced(started: Start) -> None:
    """Only its new migrations are named."""
    await started(1, "always")

    assert "The database lacks the migrations ants_0002_sizes, ants_0003_titles; run `crm migrate`." == await started(3)
