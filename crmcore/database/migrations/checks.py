"""Whether the migrations on disk are those that the database had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmcore.database.migrations.source import MigrationSource
from crmcore.errors import SetupError

__all__ = ["check"]


def check(applied: Mapping[tuple[str, str], str], sources: Iterable[MigrationSource]) -> None:
    """Compare.

    Args:

        applied: checksums by plugin and name. Of a plugin that is not installed any more, tables and record simply stay.
        sources: what is on disk.

    Raises:

        SetupError: all that was changed since it was applied, or is gone.
    """
    problems = []
    for source in sources:
        here = {file.name: file for file in source.files}
        for (plugin, name), checksum in applied.items():
            if plugin != source.plugin:
                continue
            if name not in here:
                problems.append(
                    f"The database has the migration {plugin}_{name}, which the installed {plugin} lacks, so it is older than "
                    "the database; install the newer one again, or restore a backup."
                )
            elif here[name].checksum != checksum:
                problems.append(
                    f"The migration {plugin}_{name} ({here[name].path}) was changed after it was applied; restore the file as "
                    "it was, and put the change into a new migration."
                )
    if problems:
        raise SetupError("migrations-broken", problems)
