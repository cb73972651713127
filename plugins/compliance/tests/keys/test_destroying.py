"""Erasure by destroying keys: for good, everywhere, and provable without naming anybody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from crmcore_compliance.crypto import Unreadable
from crmcore_compliance.keys import Keyring, cache
from crmcore_compliance.keys.ending import destroy_epoch
from crmcore_compliance.settings import ComplianceSettings

from crmcore import clock
from crmcore.errors import Invalid


async def test_a_destroyed_key_is_told_from_one_that_never_was(keyring: Keyring) -> None:
    """Erased is not the same as unknown: the first is expected, the second is an attack or a lost keystore."""
    subject = uuid4()
    key = await keyring.subject_key(subject)
    await keyring.destroy(subject)

    found = await keyring.keys([key.id, key.id ^ 1])

    assert found == {key.id: None}


async def test_destroying_twice_is_destroying_once(keyring: Keyring) -> None:
    """The second request gets the tombstone of the first."""
    subject = uuid4()
    await keyring.subject_key(subject)

    first, second = await keyring.destroy(subject, "one"), await keyring.destroy(subject, "two")

    assert first == second
    assert [one async for one in keyring.journal()] == [first]


async def test_nobody_without_a_key_gets_one_after_erasure(keyring: Keyring) -> None:
    """The erasure counts even for somebody of whom nothing was sealed yet."""
    subject = uuid4()
    tombstone = await keyring.destroy(subject)

    assert tombstone.keys == ()
    with pytest.raises(Invalid) as refused:
        await keyring.subject_keys([uuid4(), subject])
    assert refused.value.violations[0].code == "SUBJECT_ERASED"


async def test_former_keys_go_too(keyring: Keyring) -> None:
    """All keys that a subject ever had are destroyed."""
    subject = uuid4()
    former = await keyring.subject_key(subject)
    await keyring.rotating.subject(subject)
    current = await keyring.subject_key(subject)

    tombstone = await keyring.destroy(subject)

    assert set(tombstone.keys) == {former.id, current.id}
    assert await keyring.keys([former.id, current.id]) == {former.id: None, current.id: None}


async def test_other_processes_hear_of_it(
    keyring: Keyring, key_settings: ComplianceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that another process has in memory is dropped there a second later, and not used unseen until then."""
    now = [1000.0]
    monkeypatch.setattr(cache, "monotonic", lambda: now[0])
    subject = uuid4()
    other = await Keyring.open(key_settings)
    key = await other.subject_key(subject)
    assert other.cached(key.id) is key

    await keyring.destroy(subject)
    now[0] += 1.0

    assert other.cached(key.id) is None
    assert await other.key(key.id) is None
    assert other.cached(key.id) is None
    await other.close()


async def test_the_own_process_forgets_at_once(keyring: Keyring) -> None:
    """Whoever destroys a key does not have it any more when that is done."""
    subject = uuid4()
    key = await keyring.subject_key(subject)
    await keyring.destroy(subject)

    assert keyring.cached(key.id) is None


async def test_tombstones_name_nobody(keyring: Keyring) -> None:
    """In the keystore nothing is left that says who was erased; whoever has the id and the keystore finds the tombstone."""
    subject = uuid4()
    await keyring.subject_key(subject)
    tombstone = await keyring.destroy(subject, "request")

    rows = [
        str(row)
        for table in ("keystore_key", "keystore_tombstone", "keystore_destroyed")
        for row in await keyring.keystore.database.fetch(f"select * from {table}")
    ]

    assert not [row for row in rows if str(subject) in row or subject.hex in row]
    assert tombstone.subject == await keyring.pseudonym(subject)
    assert await keyring.destroyed_of([subject, uuid4()]) == {subject: tombstone}


async def test_files_keep_nothing_of_a_destroyed_key(kms: str, tmp_path: Path) -> None:
    """SQLite keeps it not even as wrapped, in free pages or the write-ahead log."""
    keyring = await Keyring.open(ComplianceSettings(kms=kms, keystore=f"sqlite:///{tmp_path}/keystore.db"))
    subject = UUID("01900000-0000-7000-8000-00000000abcd")
    await keyring.subject_key(subject)
    text = await keyring.keystore.database.fetch_value(
        "select wrapped from keystore_key where owner = $1", str(subject)
    )

    assert text.encode() in _files(tmp_path)
    await keyring.destroy(subject)

    assert text.encode() not in _files(tmp_path)
    assert str(subject).encode() not in _files(tmp_path)
    await keyring.close()


async def test_an_old_backup_of_the_keystore_opens_until_its_epoch_ends(
    keyring: Keyring, key_settings: ComplianceSettings
) -> None:
    """A restored backup brings a destroyed key back, until its epoch is destroyed with the key service's version: then nothing does."""
    subject = uuid4()
    wire = (await keyring.subject_key(subject)).seal(b"", b"Ada")
    backup = await _backup(keyring)
    await keyring.destroy(subject)
    await keyring.rotating.epoch()
    async for _ in keyring.rotating.rewrap():
        pass

    await _restore(keyring, backup)
    assert await _opened(key_settings, wire) == b"Ada"

    await keyring.rotating.epoch()
    async for _ in keyring.rotating.rewrap():
        pass
    await destroy_epoch(keyring.keystore, keyring.epochs, 1)
    await _restore(keyring, backup)
    with pytest.raises(Unreadable):
        await _opened(key_settings, wire)


async def test_retired_keys_are_destroyed_and_current_ones_stay(keyring: Keyring) -> None:
    """What seals nothing any more can go while its owner lives on, once every process has heard that another key seals."""
    subject = uuid4()
    former = await keyring.subject_key(subject)
    await keyring.rotating.subject(subject)
    current = await keyring.subject_key(subject)

    assert await keyring.retire([former.id, current.id]) == []
    soon = clock.now() + timedelta(minutes=1)
    with clock.at(lambda: soon):
        assert await keyring.retire([former.id, current.id]) == [former.id]

    assert await keyring.key(former.id) is None
    assert (await keyring.subject_key(subject)).id == current.id
    assert await keyring.destroyed(subject) is None


async def test_the_journal_goes_on_after_a_position(keyring: Keyring) -> None:
    """Whoever knows the erasures up to one asks for those after it."""
    subjects = [uuid4() for _ in range(3)]
    made = [await keyring.destroy(subject, str(place)) for place, subject in enumerate(subjects)]

    assert [one async for one in keyring.journal(made[0].position)] == made[1:]


_TABLES = ("keystore_epoch", "keystore_key", "keystore_destroyed", "keystore_news", "keystore_tombstone")


async def _backup(keyring: Keyring) -> dict[str, list[dict[str, object]]]:
    return {table: await keyring.keystore.database.fetch_dicts(f"select * from {table}") for table in _TABLES}


async def _restore(keyring: Keyring, backup: dict[str, list[dict[str, object]]]) -> None:
    db = keyring.keystore.database
    for table in _TABLES:
        await db.execute(f"delete from {table}")
        for row in backup[table]:
            places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
            await db.execute(f"insert into {table} ({', '.join(row)}) values ({places})", *row.values())


async def _opened(settings: ComplianceSettings, wire: bytes) -> bytes:
    other = await Keyring.open(settings)
    try:
        key = await other.key(int.from_bytes(wire[1:5], "big"))
        assert key is not None
        return key.open(b"", wire)
    finally:
        await other.close()


def _files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
