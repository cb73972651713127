"""Keys of subjects: one each, random, the same for everybody who asks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from crmcore_compliance.crypto import Unreadable
from crmcore_compliance.keys import Keyring
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.settings import ComplianceSettings

from crmcore import Database
from crmcore.errors import Invalid, SetupError


async def test_a_subject_has_one_key(keyring: Keyring) -> None:
    """Whoever asks for the key of a subject gets the same one."""
    subject = uuid4()

    first, second = await keyring.subject_key(subject), await keyring.subject_key(subject)

    assert first.id == second.id
    assert first.subject == subject
    assert first.open(b"place", second.seal(b"place", b"Ada")) == b"Ada"


async def test_a_key_is_found_after_a_restart(keyring: Keyring, key_settings: ComplianceSettings) -> None:
    """What one process sealed another one opens."""
    subject = uuid4()
    wire = (await keyring.subject_key(subject)).seal(b"place", b"Ada")
    await keyring.close()

    again = await Keyring.open(key_settings)
    key = await again.key(int.from_bytes(wire[1:5], "big"))
    await again.close()

    assert key is not None
    assert key.subject == subject
    assert key.open(b"place", wire) == b"Ada"


async def test_one_key_is_fetched_by_its_id_and_several_by_a_list(
    keyring: Keyring, key_settings: ComplianceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL makes a plan for each execution with a list, which takes it five times as long as finding one key."""
    ids = [(await keyring.subject_key(uuid4())).id for _ in range(3)]
    asked: list[tuple[Any, ...]] = []
    fetch = Database.fetch

    async def noted(database: Database, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        if "keystore_destroyed" in sql:
            asked.append(params)
        return await fetch(database, sql, *params)

    monkeypatch.setattr(Database, "fetch", noted)
    other = await Keyring.open(key_settings)
    one, several = await other.keys(ids[:1]), await other.keys(ids)
    await other.close()

    assert [(ids[0],), (ids[1:],)] == asked
    assert ids == sorted({*one, *several}, key=ids.index)


async def test_destroyed_keys_are_gone(keyring: Keyring) -> None:
    """After its destruction a key is nowhere, and nobody makes another one for the subject."""
    subject = uuid4()
    key = await keyring.subject_key(subject)

    tombstone = await keyring.destroy(subject, "request_1")

    assert tombstone.keys == (key.id,)
    assert await keyring.key(key.id) is None
    assert await keyring.destroyed(subject) == tombstone
    with pytest.raises(Invalid, match="erased"):
        await keyring.subject_key(subject)


async def test_a_moved_value_does_not_open(keyring: Keyring) -> None:
    """A value opens at its place only."""
    key = await keyring.subject_key(None)
    wire = key.seal(b"here", b"Ada")

    with pytest.raises(Unreadable):
        key.open(b"there", wire)


async def test_a_keystore_of_somebody_else_is_let_go(
    key_settings: ComplianceSettings, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its opening ends with, its connections are closed, and the next try says the same."""
    await keyring.begin()
    other, closed, close = Keystore(key_settings.keystore, "somebody else"), [], Database.close

    async def counted(database: Database) -> None:
        closed.append(database)
        await close(database)

    monkeypatch.setattr(Database, "close", counted)
    for _ in range(2):
        with pytest.raises(SetupError, match="holds the keys of the tenant 'test'"):
            await other.ready()

    assert (2, False) == (len(closed), other.is_open)
