"""A plugin's folder of migrations: found, numbered, summed, and only loaded when they are to run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore.database.migrations.migration import Migration, State
from crmcore.errors import SetupError

if TYPE_CHECKING:
    from piccolo.table import Table

__all__ = ["MigrationFile", "MigrationSource"]

#: What follows the plugin's name in the name of a migration's file.
_NUMBERED = re.compile(r"_(\d{4}_\w+)")


@dataclass(frozen=True)
class MigrationFile:
    """One module. As text it is what messages call it: `loyalty_0001_initial`.

    Attributes:

        plugin: whose it is.
        name: number and title, `0001_initial`.
        path: the module.
    """

    plugin: str
    name: str
    path: Path = field(repr=False)

    @property
    def number(self) -> int:
        """Its place in the plugin's order."""
        return int(self.name[:4])

    @cached_property
    def checksum(self) -> str:
        """A digest of the text, alike on systems that end lines otherwise."""
        return sha256(self.path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()

    @cached_property
    def migration(self) -> Migration:
        """The module's `migration`.

        Raises:

            SetupError: the module cannot be imported or has none.
        """
        # A name of its own: two plugins' `0001_initial` must not be one module (facts of Piccolo's runner).
        spec = spec_from_file_location(f"crm_migrations.{self.plugin}.{self.path.stem}", self.path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            msg = f"The migration {self} ({self.path}) cannot be imported: {error!r}. Correct the module."
            raise _refused(msg) from error
        found = getattr(module, "migration", None)
        if not isinstance(found, Migration):
            msg = f"The migration {self} ({self.path}) has no `migration = Migration(operations=[...])`; add it."
            raise _refused(msg)
        return found

    def __str__(self) -> str:
        return f"{self.plugin}_{self.name}"


@dataclass(frozen=True)
class MigrationSource:
    """What a plugin gives the migrator.

    Attributes:

        plugin: its name.
        folder: where modules `<plugin>_0001_<title>.py` are.
        tables: the tables it declares, which the migrations are to arrive at.
    """

    plugin: str
    folder: Path
    tables: Sequence[type[Table]] = ()

    @cached_property
    def files(self) -> tuple[MigrationFile, ...]:
        """The migrations in order.

        Raises:

            SetupError: the folder is missing, or a file in it has no place in the order.
        """
        if not self.folder.is_dir():
            msg = f"Plugin {self.plugin!r} says its migrations are in {self.folder}, which is no folder; create it."
            raise _refused(msg)
        files = [self._file(path) for path in sorted(self.folder.glob("*.py")) if path.name != "__init__.py"]
        for one, other in itertools.pairwise(files):
            if one.number == other.number:
                msg = (
                    f"Plugin {self.plugin!r} has two migrations numbered {one.number:04d} ({one.path.name}, {other.path.name}); "
                    "give the one that nobody has applied yet the next number."
                )
                raise _refused(msg)
        return tuple(files)

    def state_before(self, file: MigrationFile | None) -> State:
        """Return the plugin's tables before a migration; None: after all."""
        state: State = {}
        for earlier in self.files:
            if file is not None and earlier.number >= file.number:
                break
            state = earlier.migration.after(state)
        return state

    def _file(self, path: Path) -> MigrationFile:
        found = _NUMBERED.fullmatch(path.stem.removeprefix(self.plugin))
        if not found or not path.stem.startswith(self.plugin):
            msg = f"{path} is no migration of plugin {self.plugin!r}; call it {self.plugin}_0001_title.py, or move it elsewhere."
            raise _refused(msg)
        return MigrationFile(self.plugin, found[1], path)


def _refused(problem: str) -> SetupError:
    return SetupError("migrations-broken", [problem])
