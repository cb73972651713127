"""The migrator: what is to be done, doing it, taking it back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crmcore.database.declared import table_specs
from crmcore.database.facade import Database
from crmcore.database.migrations.checks import check
from crmcore.database.migrations.drift import drift
from crmcore.database.migrations.execution import alone, run
from crmcore.database.migrations.generator import generate
from crmcore.database.migrations.ledger import Ledger
from crmcore.database.migrations.migration import Irreversible, Migration, Misfit, State, Step
from crmcore.database.migrations.source import MigrationFile, MigrationSource
from crmcore.database.migrations.steps import steps_of
from crmcore.errors import SetupError

__all__ = ["MigrationPlan", "Migrator"]

Told = Callable[[MigrationFile], None]


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What one migration would do.

    Attributes:

        file: which one.
        statements: SQL, and comments where Python runs.
    """

    file: MigrationFile
    statements: tuple[str, ...]


class Migrator:
    """Brings a database to the shape that the plugins declare, one migration after the other.

    Each migration and the record that it ran are one transaction, alone among all processes: a process that is killed
    leaves all of it or nothing, and of two that start at once the second finds it done.

    Args:

        database: an open database.
        sources: the plugins, those that others link to first.
        sealed: by table, the columns that are stored sealed.
    """

    def __init__(
        self,
        database: Database,
        sources: Sequence[MigrationSource],
        sealed: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._sealed = sealed
        self._database, self._sources, self._ledger = database, {s.plugin: s for s in sources}, Ledger(database)

    async def applied(self) -> list[str]:
        """Return what the database has (`loyalty_0001_initial`), whether or not the plugin is still installed."""
        return sorted(f"{plugin}_{name}" for plugin, name in await self._ledger.read())

    async def pending(self) -> list[MigrationFile]:
        """Return what is missing, in order, whether or not later ones were applied.

        Raises:

            SetupError: an applied migration was changed since or is gone, or a folder is broken.
        """
        return self.missing(await self._ledger.read())

    def missing(self, applied: Mapping[tuple[str, str], str]) -> list[MigrationFile]:
        """Return what is missing where these were applied; no database is asked.

        Args:

            applied: checksums by plugin and name.

        Raises:

            SetupError: see `pending`.
        """
        check(applied, self._sources.values())
        return [file for file in self._files() if (file.plugin, file.name) not in applied]

    def planned(self, file: MigrationFile) -> MigrationPlan:
        """Return what one migration would do; no database is asked."""
        return self._planned(file, file.migration, self._before(file))

    def planned_back(self, file: MigrationFile) -> MigrationPlan:
        """Return what taking one migration back would do; no database is asked.

        Raises:

            SetupError: it cannot be taken back.
        """
        return self._planned(file, *self._taken_back(file))

    async def plan(self) -> list[MigrationPlan]:
        """Return what `up` would do; nothing is touched."""
        return [self.planned(file) for file in await self.pending()]

    async def up(self, told: Told | None = None) -> list[MigrationFile]:
        """Apply what is missing and return it.

        Args:

            told: called after each migration.

        Raises:

            SetupError: see `pending`; or a migration failed, of which then nothing was kept.
        """
        done = []
        for file in await self.pending():
            if await self._database.retrying(lambda file=file: self._apply(file)):  # type: ignore[misc]
                done.append(file)
                if told:
                    told(file)
        return done

    async def plan_down(self, plugin: str, to: str | None) -> list[MigrationPlan]:
        """Return what `down` would do; nothing is touched."""
        return [self.planned_back(file) for file in await self._to_take_back(plugin, to)]

    async def down(self, plugin: str, to: str | None, told: Told | None = None) -> list[MigrationFile]:
        """Take back a plugin's migrations, the last first, and return them.

        Args:

            plugin: whose.
            to: number or name of the last one that stays; None or 0: none stays.
            told: called after each migration.

        Raises:

            SetupError: no such plugin or migration, one that cannot be taken back, or something still needs its tables.
        """
        done = []
        for file in await self._to_take_back(plugin, to):
            await self._database.retrying(lambda file=file: self._take_back(file))  # type: ignore[misc]
            done.append(file)
            if told:
                told(file)
        return done

    async def drift(self) -> list[str]:
        """Return, as sentences, where the database differs from the declared tables; empty is good."""
        tables = table_specs(t for source in self._sources.values() for t in source.tables)
        return await drift(self._database, tables, self._sealed)

    def generate(self, plugin: str, title: str) -> str:
        """Return the text of a module that leads from a plugin's migrations to its declared tables.

        Raises:

            SetupError: nothing is missing, or a change needs a decision that only a person can make.
        """
        return generate(self._source(plugin), title)

    def write(self, plugin: str, title: str) -> Path:
        """Write that module into the plugin's folder under the next number, and return where."""
        source, text = self._source(plugin), self.generate(plugin, title)
        number = source.files[-1].number + 1 if source.files else 1
        path = source.folder / f"{plugin}_{number:04d}_{title}.py"
        path.write_text(text, encoding="utf-8")
        return path

    def _source(self, plugin: str) -> MigrationSource:
        if plugin not in self._sources:
            msg = f"There is no plugin {plugin!r} with migrations; there are {', '.join(self._sources)}."
            raise _refused(msg)
        return self._sources[plugin]

    def _files(self) -> list[MigrationFile]:
        return [file for source in self._sources.values() for file in source.files]

    def _before(self, file: MigrationFile) -> State:
        return self._sources[file.plugin].state_before(file)

    def _planned(self, file: MigrationFile, migration: Migration, state: State) -> MigrationPlan:
        return MigrationPlan(file, tuple(step.text for step in self._steps(file, migration, state)))

    def _steps(self, file: MigrationFile, migration: Migration, state: State) -> list[Step]:
        try:
            return steps_of(migration, self._database.dialect, state)
        except Misfit as error:
            msg = f"The migration {file} cannot run: {error}"
            raise _refused(msg) from error

    async def _apply(self, file: MigrationFile) -> bool:
        async with alone(self._database, file):
            if (file.plugin, file.name) in await self._ledger.read():
                return False
            await run(self._database, self._steps(file, file.migration, self._before(file)))
            await self._ledger.add(file)
        return True

    async def _take_back(self, file: MigrationFile) -> None:
        async with alone(self._database, file):
            if (file.plugin, file.name) in await self._ledger.read():
                await run(self._database, self._steps(file, *self._taken_back(file)))
                await self._ledger.remove(file)

    def _taken_back(self, file: MigrationFile) -> tuple[Migration, State]:
        before = self._before(file)
        try:
            return file.migration.reverse(before), file.migration.after(before)
        except Irreversible as error:
            msg = f"The migration {file} cannot be taken back: {error}"
            raise _refused(msg) from error

    async def _to_take_back(self, plugin: str, to: str | None) -> list[MigrationFile]:
        source, applied = self._source(plugin), await self._ledger.read()
        check(applied, self._sources.values())
        last = 0
        if to is not None and to.strip("0"):
            found = [file for file in source.files if to in (file.name, file.name[:4])]
            if not found:
                msg = f"Plugin {plugin!r} has no migration {to!r}; it has {', '.join(f.name for f in source.files)}."
                raise _refused(msg)
            last = found[0].number
        return [f for f in reversed(source.files) if f.number > last and (plugin, f.name) in applied]


def _refused(problem: str) -> SetupError:
    return SetupError("migrations-broken", [problem])
