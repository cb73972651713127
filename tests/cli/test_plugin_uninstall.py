"""A plugin goes; what it has in the database stays, is copied, or goes too, and an interruption is no harm."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmcore import Crm
from crmcore.cli.plugins import uninstall
from crmcore.database import Database
from crmcore.database.looking import looking
from crmcore.plugins import discovery
from crmcore.settings import load_settings
from crmcore.upgrade import trial
from tests.cli.conftest import done, run
from tests.plugins.installed import GROUP
from tests.upgrade import ants

_SETTINGS = 'port = 80  # here\ndisabled_plugins = ["ants"]\n\n[plugins.ants]\nkey = "hidden"\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The plugin `ants`, installed in a folder; nothing else of this machine counts."""
    folder = tmp_path / "site"
    ants.install(folder, 2, group=GROUP)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(discovery, "GROUP", GROUP)
    monkeypatch.delenv("CRM_DISABLED_PLUGINS")
    yield folder
    for module in [name for name in sys.modules if name.partition(".")[0] == "crm_ants"]:
        del sys.modules[module]


@pytest.fixture(autouse=True)
def pip(site: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The lines that would run; the distribution goes as pip has it go."""
    lines: list[list[str]] = []

    def ran(line: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        lines.append(line)
        shutil.rmtree(site / "crm_ants-2.0.dist-info")
        return subprocess.CompletedProcess(line, 0, "", "")

    monkeypatch.setattr(uninstall.subprocess, "run", ran)
    return lines


@pytest.fixture
def nests(url: str) -> str:
    """The URL of a database with the plugin's tables, and a nest in them."""
    done(run("migrate", "--database", url))

    async def filled() -> None:
        database = Database.from_url(url)
        await database.open()
        await database.execute("insert into ants_nest (id, name, size) values ($1, 'hill', 4)", UUID(int=1))
        await database.close()

    asyncio.run(filled())
    return url


def tables(url: str) -> list[str]:
    """The plugin's tables that are there, and its migrations."""

    async def asked() -> list[str]:
        async with looking(url) as look:
            assert look is not None
            names = [name for name in await look.tables() if name.startswith("ants_")]
            rows = await look.fetch("select name from crm_migration where plugin = 'ants' order by name")
            return [*sorted(names), *(str(name) for (name,) in rows)]

    return asyncio.run(asked())


def test_the_data_can_stay(nests: str, pip: list[list[str]]) -> None:
    """Only the distribution goes: the plugin is not even imported."""
    printed = done(run("plugin", "uninstall", "ants", "--data", "keep", "--yes", "--database", nests))

    assert [[sys.executable, "-m", "pip", "uninstall", "-y", "crm-ants"]] == pip
    assert ["ants_nest", "0001_initial", "0002_sizes"] == tables(nests)
    assert "the tables stay: ants_nest (rows: 1)" in printed


def test_the_data_can_be_copied(nests: str) -> None:
    """A file for each table, which stays as well."""
    done(run("plugin", "uninstall", "ants", "--data", "export", "--yes", "--database", nests))

    (row,) = map(json.loads, Path("ants-data/ants_nest.jsonl").read_text("utf-8").splitlines())
    assert {"id": str(UUID(int=1)), "name": "hill", "size": 4} == row
    assert ["ants_nest", "0001_initial", "0002_sizes"] == tables(nests)


def test_the_data_can_go(nests: str) -> None:
    """No table, no record of a migration; a start without the plugin finds nothing amiss."""
    done(run("plugin", "uninstall", "ants", "--data", "purge", "--yes", "--database", nests))

    assert [] == tables(nests)
    assert "The database is in shape.\n" == done(run("migrate", "--check", "--database", nests))


def test_nothing_happens_before_somebody_says_so(nests: str, pip: list[list[str]]) -> None:
    """The plan is shown, with what would go, and the question can be answered by no."""
    Path("crm.toml").write_text('[plugins.ants]\nkey = "hidden"\n', "utf-8")

    result = run("plugin", "uninstall", "ants", "--data", "purge", "--database", nests, typed="n\n")

    assert (1, []) == (result.exit_code, pip)
    for line in (
        "remove the table ants_nest, rows: 1",
        "remove migrations in the database's record: 2",
        "pip uninstall -y crm-ants",
        "removed",
    ):
        assert line in result.stdout
    assert "hidden" not in result.stdout
    assert "ants_nest" in tables(nests)


def test_settings_do_not_name_it_any_more(nests: str) -> None:
    """They would stop the start; the section is kept in a file of its own, which only its owner reads."""
    Path("crm.toml").write_text(_SETTINGS, "utf-8")

    done(run("plugin", "uninstall", "ants", "--data", "keep", "--yes", "--database", nests))

    kept = Path("ants.settings.toml")
    assert "port = 80  # here\n" == Path("crm.toml").read_text("utf-8").rstrip() + "\n"
    assert ('[plugins.ants]\nkey = "hidden"\n', 0o600) == (kept.read_text("utf-8"), kept.stat().st_mode & 0o777)
    assert () == load_settings().disabled_plugins


def test_a_disabled_plugin_can_be_purged(nests: str) -> None:
    """It is loaded for this alone; with a purge its settings go too."""
    Path("crm.toml").write_text(_SETTINGS, "utf-8")

    done(run("plugin", "uninstall", "ants", "--data", "purge", "--yes", "--database", nests))

    assert ([], False) == (tables(nests), Path("ants.settings.toml").exists())


def test_what_another_plugin_requires_stays(site: Path, nests: str, pip: list[list[str]]) -> None:
    """Disabled or not: it could not be enabled any more."""
    record = site / "crm_bees-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: crm-bees\nVersion: 1.0\nRequires-Dist: CRM.Ants\n")
    (record / "entry_points.txt").write_text(f"[{GROUP}]\nbees = crm_bees.plugin\n")
    Path("crm.toml").write_text('disabled_plugins = ["bees"]', "utf-8")

    result = run("plugin", "uninstall", "ants", "--data", "keep", "--yes", "--database", nests)

    assert (1, []) == (result.exit_code, pip)
    assert "is required by Plugin 'bees' (crm-bees 1.0); uninstall bees first." in result.stderr


def test_a_distribution_with_another_plugin_stays(site: Path, nests: str, pip: list[list[str]]) -> None:
    """Only the one is purged, and disabled instead."""
    (site / "crm_ants-2.0.dist-info" / "entry_points.txt").write_text(
        f"[{GROUP}]\nants = crm_ants.plugin\nwasps = crm_ants\n", "utf-8"
    )

    printed = done(run("plugin", "uninstall", "ants", "--data", "purge", "--yes", "--database", nests))

    assert ([], []) == (tables(nests), pip)
    assert "crm-ants stays installed, since it brings wasps too" in printed
    assert ("ants",) == load_settings().disabled_plugins


def test_nothing_is_purged_while_a_worker_runs(nests: str) -> None:
    """It could write into tables that go."""

    async def purged() -> None:
        async with Crm(load_settings(database=nests)) as crm:
            await crm.background.start()
            await asyncio.to_thread(_refused, nests)

    asyncio.run(purged())


def _refused(url: str) -> None:
    result = run("plugin", "uninstall", "ants", "--data", "purge", "--yes", "--database", url)
    assert (1, True) == (result.exit_code, "1 processes work on this database" in result.stderr)
    assert "ants_nest" in tables(url)


def test_a_folder_with_other_things_is_not_written_into(nests: str) -> None:
    """A copy does not mix with anything else."""
    Path("out").mkdir()
    Path("out/letter.txt").write_text("Dear", "utf-8")

    result = run("plugin", "uninstall", "ants", "--data", "export", "--to", "out", "--yes", "--database", nests)

    assert (1, True) == (result.exit_code, "has other things in it" in result.stderr)


@pytest.mark.parametrize("point", ["copies", "traces", "tables", "pip", "settings"])
def test_whatever_the_interruption_it_can_be_done_again(
    nests: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the end nothing is left in the database nor in the settings, and the copy has every row and column."""
    Path("crm.toml").write_text(_SETTINGS, "utf-8")
    line = ("plugin", "uninstall", "ants", "--data", "purge", "--to", "out", "--yes", "--database", nests)
    places = {
        "copies": "crmcore.plugins.removal.copying.os.fsync",
        "traces": "crmcore.plugins.removal.subscribed.Subscribed.remove",
        "tables": "crmcore.database.migrations.runner.Migrator._take_back",
        "pip": "crmcore.cli.plugins.uninstall._uninstall",
        "settings": "crmcore.cli.plugins.uninstall._forget",
    }
    with monkeypatch.context() as patch:
        patch.setattr(places[point], _killed(places[point], 2 if point == "tables" else 1))
        with pytest.raises(BrokenPipeError):
            run(*line)
    done(run(*line))

    (row,) = map(json.loads, Path("out/ants_nest.jsonl").read_text("utf-8").splitlines())
    assert ({"id": str(UUID(int=1)), "name": "hill", "size": 4}, []) == (row, tables(nests))
    assert ("port = 80  # here", True) == (
        Path("crm.toml").read_text("utf-8").strip(),
        Path("out/ants.settings.toml").exists(),
    )


def _killed(place: str, time: int) -> Any:
    """What is called there, until the process would die."""
    from pkgutil import resolve_name

    original, calls = resolve_name(place), []

    def call(*args: Any, **more: Any) -> Any:
        calls.append(args)
        if len(calls) == time:
            raise BrokenPipeError
        return original(*args, **more)

    return call


def test_pip_really_uninstalls(tmp_path: Path, url: str, crm_dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an environment of its own, by the interpreter that runs the command."""
    if crm_dialect != "sqlite":
        pytest.skip("pip does not know of databases")
    monkeypatch.undo()
    folder = tmp_path / "environment"
    venv.EnvBuilder(symlinks=True).create(folder)
    trial._show_what_is_here(folder)
    (packages,) = folder.glob("lib/python*/site-packages")
    ants.install(packages, 2)
    others = {"CRM_DISABLED_PLUGINS": ",".join({e.name for e in discovery.entry_points(group="crmcore.plugins")})}
    line = [
        folder / "bin" / "python",
        "-P",
        "-m",
        "crmcore.cli",
        "plugin",
        "uninstall",
        "ants",
        "--data",
        "keep",
        "--yes",
    ]
    ran = subprocess.run(
        [*line, "--database", url],
        env={**os.environ, **others},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, True) == (ran.returncode, "Uninstalled crm-ants 2.0." in ran.stdout), ran.stdout + ran.stderr
    assert [] == [path.name for path in packages.iterdir() if "ants" in path.name]
