"""What `crm doctor` finds of the database: reachable, durable, in shape, with room, with somebody in charge."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore.cli.health.background import examine_background
from crmcore.cli.health.finding import Finding, broken, fine, warning
from crmcore.errors import Refusal, SetupError
from crmcore.search.state import outdated

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["examine_database"]

#: Bytes of free disk space below which a warning is due.
_ROOM = 1024**3

_IN_CHARGE = """
    select count(*) from crm_user u
    join crm_role_assignment a on a.user_id = u.id join crm_role r on r.id = a.role_id
    where u.is_active and u.deleted_at is null and a.deleted_at is null and r.deleted_at is null and r.everything
"""


async def examine_database(crm: Crm) -> list[Finding]:
    """Look at the database of a CRM that was not started."""
    try:
        await crm.database.open()
    except (SetupError, Refusal) as error:
        return [broken("database", str(error))]
    try:
        found = [await _connection(crm), *_disk(crm)]
        shape = await _shape(crm)
        found += shape
        if any(f.state == "broken" for f in shape):
            return found
        return [*found, await _people(crm), await _index(crm), *await examine_background(crm)]
    finally:
        await crm.database.close()


async def _connection(crm: Crm) -> Finding:
    if crm.database.dialect == "postgresql":
        version = await crm.database.fetch_value("show server_version")
        return fine("database", f"{crm.database.shown} answers: PostgreSQL {version}.")
    version = await crm.database.fetch_value("select sqlite_version()")
    mode = str(await crm.database.fetch_value("pragma journal_mode"))
    if mode != "wal":
        message = (
            f"{crm.database.shown} is in journal mode {mode}, so readers wait for writers; keep it on a local disk."
        )
        return warning("database", message)
    return fine("database", f"{crm.database.shown} answers: SQLite {version}, write-ahead log on.")


def _disk(crm: Crm) -> list[Finding]:
    if crm.database.dialect != "sqlite":
        return []
    folder = Path(crm.database.shown).resolve().parent
    free = shutil.disk_usage(folder).free
    shown = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < _ROOM:
        return [warning("disk", f"{shown}; make room before the database cannot grow any more.")]
    return [fine("disk", f"{shown}.")]


async def _shape(crm: Crm) -> list[Finding]:
    try:
        pending = await crm.migrator.pending()
    except SetupError as error:
        return [broken("migrations", problem) for problem in error.problems]
    if pending:
        names = ", ".join(map(str, pending[:5])) + (" …" if len(pending) > 5 else "")
        return [broken("migrations", f"{len(pending)} are pending ({names}); run crm migrate.")]
    found = [fine("migrations", "All are applied.")]
    drift = await crm.migrator.drift()
    return found + ([warning("drift", sentence) for sentence in drift] or [fine("drift", "Tables are as declared.")])


async def _index(crm: Crm) -> Finding:
    if stale := await outdated(crm.database, crm.entities):
        return warning("search", f"The index lacks {', '.join(stale)}; run crm search rebuild.")
    return fine("search", "The index is as declared.")


async def _people(crm: Crm) -> Finding:
    in_charge = int(await crm.database.fetch_value(_IN_CHARGE))
    if not in_charge:
        message = "Nobody may do everything; run crm user create EMAIL --role admin --password."
        return warning("access", message)
    return fine("access", f"{in_charge} {'person' if in_charge == 1 else 'people'} may do everything.")
