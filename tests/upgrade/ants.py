"""The plugin `ants` in three versions: its files, installed in a folder, or as a wheel."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

__all__ = ["files", "install", "loaded", "migrations", "wheel"]

_PLUGIN = '''"""Ants and their nests."""

from pathlib import Path
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, columns as c, hookimpl

plugin_name = "ants"


class Nest(Table, tablename="ants_nest"):
    """Where ants live."""

    id = c.identifier("Identifies the nest.")
%(columns)s
%(more)s

@hookimpl
def crm_tables():
    """The nests."""
    return [%(tables)s]


@hookimpl
def crm_migrations():
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")
'''
_NAME = '    name = c.text("What it is called.")'
_TITLE = '    title = c.text("What it is called.")'
_SIZE = """    size = c.integer("How many live there.", default=0)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("size",)),)"""
_ANT = '''
class Ant(Table, tablename="ants_ant"):
    """One of them."""

    id = c.identifier("Identifies the ant.")
    nest_id = c.link("ants_nest", "Where it lives.", references=Nest, on_delete="CASCADE")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("nest_id",)),)

'''
_HEAD = '''"""%s: a migration of ants."""

from crmcore.database.migrations import Column, Index, Migration, Table
from crmcore.database.migrations import add_column, create_index, create_table, rename_column, run, sql

'''
_INITIAL = (
    _HEAD % "Initial"
    + """migration = Migration([create_table(Table("ants_nest", (Column("id", "id", primary=True), Column("name", "text"))))])
"""
)
_SIZES = (
    _HEAD % "Sizes"
    + """FILL = "update ants_nest set size = length(name)"
migration = Migration(
    [
        add_column("ants_nest", Column("size", "int", default=0)),
        create_index("ants_nest", Index(("size",))),
        sql(sqlite=FILL, postgresql=FILL, down_sqlite="", down_postgresql=""),
    ]
)
"""
)
_TITLES = (
    _HEAD % "Titles"
    + """

async def one_ant_a_nest(database):
    \"\"\"Each nest has a queen, whose id is the nest's.\"\"\"
    await database.execute("insert into ants_ant (id, nest_id) select id, id from ants_nest")


migration = Migration(
    [
        rename_column("ants_nest", "name", "title"),
        create_table(
            Table(
                "ants_ant",
                (
                    Column("id", "id", primary=True),
                    Column("nest_id", "id", references="ants_nest", on_delete="CASCADE"),
                ),
                indexes=(Index(("nest_id",)),),
            )
        ),
        run(one_ant_a_nest),
    ]
)
"""
)
_CAPABILITIES = {
    1: 'tables = ["ants_nest"]\nhooks = ["crm_tables", "crm_migrations"]\n',
    2: 'tables = ["ants_nest"]\nhooks = ["crm_tables", "crm_migrations"]\n',
    3: 'tables = ["ants_nest", "ants_ant"]\nhooks = ["crm_tables", "crm_migrations"]\nnetwork = ["api.example.com"]\n',
}
_TABLES = {
    1: {"columns": _NAME, "more": "", "tables": "Nest"},
    2: {"columns": f"{_NAME}\n{_SIZE}", "more": "", "tables": "Nest"},
    3: {"columns": f"{_TITLE}\n{_SIZE}", "more": _ANT, "tables": "Nest, Ant"},
}


def migrations(version: int) -> dict[str, str]:
    """The modules of migrations that a version has, by file name."""
    every = {"ants_0001_initial.py": _INITIAL, "ants_0002_sizes.py": _SIZES, "ants_0003_titles.py": _TITLES}
    return dict(list(every.items())[:version])


def files(version: int) -> dict[str, str]:
    """The package's files by path."""
    package = {
        "crm_ants/__init__.py": '"""Ants."""\n',
        "crm_ants/plugin.py": _PLUGIN % _TABLES[version],
        "crm_ants/capabilities.toml": _CAPABILITIES[version],
    }
    return package | {f"crm_ants/migrations/{name}": text for name, text in migrations(version).items()}


def install(folder: Path, version: int, requires: Sequence[str] = (), group: str = "crmcore.plugins") -> None:
    """Leave a version behind as an installer does."""
    content = files(version)
    for path, text in {**content, **_record("crm-ants", f"{version}.0", requires, "ants", content, group)}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def loaded(folder: Path, version: int) -> ModuleType:
    """Install a version in a folder that nobody imports from, and load it under a name of its own."""
    install(folder, version)
    spec = spec_from_file_location(f"ants_of_version_{version}", folder / "crm_ants" / "plugin.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wheel(
    folder: Path, name: str, version: str, *, requires: Sequence[str] = (), content: dict[str, str] | None = None
) -> Path:
    """Make a wheel; with `content` it brings the plugin `ants`."""
    record = _record(name, version, requires, "ants" if content else None, content or {})
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in {**(content or {}), **record}.items():
            archive.writestr(inner, text)
    return path


def _record(
    name: str,
    version: str,
    requires: Sequence[str],
    plugin: str | None,
    content: Iterable[str],
    group: str = "crmcore.plugins",
) -> dict[str, str]:
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {r}\n" for r in requires)
    said = {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: Ants.\n{needs}",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder}/INSTALLER": "pip\n",
    }
    if plugin:
        said[f"{folder}/entry_points.txt"] = f"[{group}]\n{plugin} = crm_{plugin}.plugin\n"
    return said | {f"{folder}/RECORD": "".join(f"{path},,\n" for path in (*content, *said, f"{folder}/RECORD"))}
