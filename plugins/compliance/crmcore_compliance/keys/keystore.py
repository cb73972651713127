"""The database of keys: opened when a key is first wanted, private to its owner, and never the database of the data."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from typing import Any, Final

from crmcore import Address, Database
from crmcore.errors import SetupError
from crmcore_compliance.keys.tables import STEPS

__all__ = ["Keystore"]

_POOL: Final = 4


class Keystore:
    """The database.

    Args:

        url: SQLite or PostgreSQL.
        tenant: whose keys it holds; another one's are refused.

    Attributes:

        database: see above; call `ready` first.
    """

    def __init__(self, url: str, tenant: str) -> None:
        self._address, self._tenant, self._url = Address.parse(url), tenant, url
        self.database = Database.from_url(url, pool_size=_POOL)
        self._is_open = False
        self._opening = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        """Whether it was opened."""
        return self._is_open

    @property
    def exists(self) -> bool:
        """Whether there may be keys in it: a file that is not there has none."""
        return self._address.path is None or self._address.path.exists()

    @property
    def shown(self) -> str:
        """Where it is, without a password."""
        return self._address.shown

    async def ready(self) -> Database:
        """Return the database, opened and with its tables.

        Raises:

            SetupError: it cannot be used, or holds another tenant's keys.
        """
        if not self._is_open:
            async with self._opening:
                if not self._is_open:
                    await self._open()
        return self.database

    async def close(self) -> None:
        """Close it, if it was opened."""
        if self._is_open:
            self._is_open = False
            await self.database.close()

    def members(self, placeholder: str, type: str = "text") -> str:
        """Return a sub-select of a list parameter's members, for `x in (…)`."""
        if self.database.dialect == "sqlite":
            return f"select value from json_each({placeholder})"
        return f"select unnest({placeholder}::{type}[])"

    @property
    def share(self) -> str:
        """What makes a select wait for those who destroy keys."""
        return "" if self.database.dialect == "sqlite" else " for share"

    async def _open(self) -> None:
        path = self._address.path
        if path is not None and not path.exists() and path.absolute().parent.is_dir():
            # SQLite gives its other files the rights of this one.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        async with AsyncExitStack() as undoing:
            await self.database.open()
            undoing.push_async_callback(self._let_go)
            await self._migrate()
            undoing.pop_all()
        self._is_open = True

    async def _let_go(self) -> None:
        await self.database.close()
        # One that was closed does not open again; whoever asks next gets the reason, too.
        self.database = Database.from_url(self._url, pool_size=_POOL)

    async def _migrate(self) -> None:
        db = self.database
        async with db.schema_transaction():
            done = int(await self._meta("steps") or 0) if await self._has_tables() else 0
            for step in STEPS[done:]:
                await db.script(step)
            if done < len(STEPS):
                await self._set_meta("steps", str(len(STEPS)))
            held = await self._meta("tenant")
            if held is None:
                await self._set_meta("tenant", self._tenant)
            elif held != self._tenant:
                msg = (
                    f"The keystore {self.shown} holds the keys of the tenant {held!r}, and the setting tenant of the plugin "
                    f"compliance says {self._tenant!r}; a tenant's name never changes, so put the former one back."
                )
                raise SetupError("compliance-keystore", [msg])

    async def _has_tables(self) -> bool:
        asked = (
            "select 1 from sqlite_master where name = 'keystore_meta'"
            if self.database.dialect == "sqlite"
            else "select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'keystore_meta'"
        )
        return await self.database.fetch_value(asked) is not None

    async def _meta(self, name: str) -> Any:
        return await self.database.fetch_value("select value from keystore_meta where name = $1", name)

    async def _set_meta(self, name: str, value: str) -> None:
        put = "insert into keystore_meta (name, value) values ($1, $2) on conflict (name) do update set value = $2"
        await self.database.execute(put, name, value)
