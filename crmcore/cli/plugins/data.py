"""What `crm plugin uninstall` does with a plugin's data: said first, then done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from crmcore.cli.failed import Failed
from crmcore.database.address import Address
from crmcore.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from crmcore.app import Crm
    from crmcore.settings import Settings

__all__ = ["Data"]


@dataclass(frozen=True)
class Data:
    """A plugin's data, and what becomes of them.

    Attributes:

        plugin: its name.
        purge: whether they go.
        folder: where copies are made before; None makes none.
        settings: which database.
    """

    plugin: str
    purge: bool
    folder: Path | None
    settings: Settings

    async def done(self, agreed: Callable[[list[str]], object], told: Callable[[str], object]) -> None:
        """Say what will be done, and do it; after an interruption, what is left of it.

        Args:

            agreed: gets the steps, before any; what it raises ends it there.
            told: gets a sentence for each thing that was done.

        Raises:

            Failed: it cannot be done now.
        """
        if not self._concerned:
            agreed(await self._stays())
            return
        async with self._opened() as crm:
            agreed([*await self._copies(crm), *(await self._goes(crm) if self.purge else await self._stays())])
            await self._do(crm, told)

    async def _do(self, crm: Crm, told: Callable[[str], object]) -> None:
        from crmcore.plugins.removal import copied, purge

        if self.folder is not None and not await self._begun(crm):
            for table, rows in (await copied(crm, self.plugin, self.folder)).items():
                told(f"Copied {table} to {self.folder / table}.jsonl, rows: {rows}.")
        if self.purge:
            for migration in await purge(crm, self.plugin):
                told(f"Took back {migration}.")

    @property
    def _concerned(self) -> bool:
        """Whether anything is to be done to a database that is there."""
        path = Address.parse(self.settings.database).path
        return (self.purge or self.folder is not None) and (path is None or path.exists())

    async def _stays(self) -> list[str]:
        from crmcore.plugins.capabilities import Unreadable
        from crmcore.upgrade.kept import kept

        try:
            found = await kept(self.settings.database, self.plugin, None)
        except (SetupError, Unreadable) as wrong:
            return [f"nothing happens to the database, which cannot be read now: {wrong}"]
        if isinstance(found, str):
            return ["there is no database"]
        tables = ", ".join(f"{name} (rows: {rows})" for name, rows in found["tables"].items())
        return [f"the tables stay: {tables}" if tables else "the database stays as it is"]

    async def _copies(self, crm: Crm) -> list[str]:
        from crmcore.plugins.removal.purging import own_tables

        if self.folder is None:
            return []
        if await self._begun(crm):
            return [f"no copies are made: a purge was begun before; those of then are still in {self.folder}"]
        tables = await own_tables(crm, self.plugin)
        allowed = {f"{name}{end}" for name in tables for end in (".jsonl", ".part")} | {f"{self.plugin}.settings.toml"}
        if self.folder.is_dir() and any(path.name not in allowed for path in self.folder.iterdir()):
            msg = f"The folder {self.folder} has other things in it; name an empty or a new one by --to."
            raise Failed(msg)
        return [f"copy the table {name}, rows: {rows}, to {self.folder / name}.jsonl" for name, rows in tables.items()]

    async def _goes(self, crm: Crm) -> list[str]:
        from crmcore.jobs.standing import standing
        from crmcore.plugins.removal import traces

        if workers := (await standing(crm.database)).workers:
            msg = (
                f"{workers} processes work on this database (crm serve, crm worker); end them first. One that was killed "
                f"counts for up to {crm.settings.jobs.lease:.0f} seconds more."
            )
            raise Failed(msg)
        if others := [str(file) for file in await crm.migrator.pending() if file.plugin != self.plugin]:
            msg = f"The database lacks the migrations {', '.join(others)}; run crm migrate first."
            raise Failed(msg)
        if self.plugin in crm.declared.migrations:
            await crm.migrator.plan_down(self.plugin, None)
        found = [f"remove {trace}" for trace in await traces(crm, self.plugin)]
        return found or ["there is nothing of it in the database"]

    async def _begun(self, crm: Crm) -> bool:
        """Whether a purge was begun and not ended: some of the migrations are taken back."""
        if not self.purge or self.plugin not in crm.declared.migrations:
            return False
        pending = [file for file in await crm.migrator.pending() if file.plugin == self.plugin]
        return bool(pending)

    def _crm(self) -> Crm:
        """A CRM that has the plugin, disabled or not; its settings do not matter for this."""
        from crmcore.app import Crm

        disabled = tuple(name for name in self.settings.disabled_plugins if name != self.plugin)
        sections = {name: section for name, section in self.settings.plugins.items() if name != self.plugin}
        try:
            return Crm(msgspec.structs.replace(self.settings, disabled_plugins=disabled, plugins=sections))
        except SetupError as error:
            more = f"What {self.plugin} has in the database is known only to itself. Mend that, or use --data keep."
            raise SetupError(error.code, [*error.problems, more]) from error

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Crm]:
        crm = self._crm()
        await crm.database.open()
        try:
            yield crm
        finally:
            await crm.database.close()
