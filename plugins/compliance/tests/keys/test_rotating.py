"""Rotation: what wraps keys changes without a value being touched; a subject's key changes and the former one opens."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from crmcore_compliance.crypto import Unreadable
from crmcore_compliance.keys import Keyring, KeyState, upkeep
from crmcore_compliance.keys.ending import destroy_epoch, due_epochs
from crmcore_compliance.keys.epochs import LIMIT
from crmcore_compliance.settings import ComplianceSettings

from crmcore import clock
from crmcore.errors import Conflict, Invalid, NotFound, Unavailable


async def _moved(keyring: Keyring) -> list[tuple[int, int]]:
    return [tuple(progress) async for progress in upkeep.rotate(keyring)]


async def test_keys_stay_the_same_under_a_new_epoch(keyring: Keyring, key_settings: ComplianceSettings) -> None:
    """All keys open what they sealed, though another epoch wraps them."""
    subjects = [uuid4() for _ in range(5)]
    before = await keyring.subject_keys([*subjects, None])
    wires = {subject: key.seal(b"", b"Ada") for subject, key in before.items()}

    await _moved(keyring)
    await destroy_epoch(keyring.keystore, keyring.epochs, 1)
    other = await Keyring.open(key_settings)
    after = await other.subject_keys(wires)

    assert {key.open(b"", wires[subject]) for subject, key in after.items()} == {b"Ada"}
    assert {key.id for key in after.values()} == {key.id for key in before.values()}
    await other.close()


async def test_an_interrupted_rotation_goes_on(keyring: Keyring) -> None:
    """What was brought over stays; the rest follows when it is called again, and no second epoch begins."""
    await keyring.subject_keys([uuid4() for _ in range(10)])  # and the secret of the indexes
    epoch = await keyring.rotating.epoch()
    pages = keyring.rotating.rewrap(page=3)
    assert await anext(pages) == (3, 8)
    await pages.aclose()

    rest = [progress async for progress in upkeep.rotate(keyring, epoch - 1)]

    assert rest[-1] == (8, 0)
    active = await upkeep.active_epoch(keyring)
    assert active is not None
    assert active.id == epoch


async def test_a_key_destroyed_meanwhile_does_not_come_back(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Re-wrapping writes over what it has read only."""
    subject, other = uuid4(), uuid4()
    await keyring.subject_keys([subject, other])
    await keyring.rotating.epoch()
    take = keyring.epochs.take

    async def destroyed_first(*args: object) -> bool:
        await keyring.keystore.database.execute("delete from keystore_key where owner = $1", str(subject))
        await keyring.keystore.database.execute(
            "update keystore_key set wrapped = 'noise' where owner = $1", str(other)
        )
        return await take(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(keyring.epochs, "take", destroyed_first)
    async for _ in keyring.rotating.rewrap():
        pass

    rows = await keyring.keystore.database.fetch("select owner, wrapped from keystore_key where owner <> 'index'")
    assert rows == [(str(other), "noise")]


async def test_an_epoch_with_keys_is_not_destroyed(keyring: Keyring) -> None:
    """Destroying it would lose them; the way out is said."""
    await keyring.subject_key(uuid4())
    with pytest.raises(Conflict, match="active"):
        await destroy_epoch(keyring.keystore, keyring.epochs, 1)
    await keyring.rotating.epoch()
    with pytest.raises(Conflict, match="rewrap"):
        await destroy_epoch(keyring.keystore, keyring.epochs, 1)
    with pytest.raises(NotFound, match="no epoch 7"):
        await destroy_epoch(keyring.keystore, keyring.epochs, 7)


async def test_a_destroyed_epoch_is_gone_from_keystore_and_key_service(keyring: Keyring) -> None:
    """Neither the wrapped key nor the version that wrapped it is left."""
    await keyring.subject_key(uuid4())
    wrapped = await keyring.keystore.database.fetch_value("select wrapped from keystore_epoch where id = 1")
    await _moved(keyring)

    ended = await destroy_epoch(keyring.keystore, keyring.epochs, 1)

    assert ended.remains == ""
    assert ended.gone_at is not None
    assert await keyring.keystore.database.fetch_value("select wrapped from keystore_epoch where id = 1") != wrapped
    with pytest.raises(Unreadable):
        await keyring.epochs.load(1)


async def test_epochs_end_by_themselves(keyring: Keyring) -> None:
    """A month after it began an epoch is followed by the next, another month later it is destroyed."""
    start = clock.now()
    await keyring.subject_key(uuid4())
    assert not await upkeep.is_due(keyring, 30)
    with clock.at(lambda: start + timedelta(days=30, seconds=5)):
        assert await upkeep.is_due(keyring, 30)
        await _moved(keyring)
        assert await due_epochs(keyring.keystore) == []
    with clock.at(lambda: start + timedelta(days=61)):
        assert [ended.id for ended in await upkeep.destroy_due(keyring)] == [1]
        assert await due_epochs(keyring.keystore) == []


async def test_a_subjects_new_key_seals_and_the_former_one_opens(keyring: Keyring) -> None:
    """Values are sealed anew in their own time; until then both are read."""
    subject = uuid4()
    former = await keyring.subject_key(subject)
    wire = former.seal(b"", b"Ada")

    await keyring.rotating.subject(subject)
    current = await keyring.subject_key(subject)
    old = await keyring.key(former.id)

    assert current.id != former.id
    assert old is not None
    assert old.state is KeyState.DEACTIVATED
    assert old.open(b"", wire) == b"Ada"
    with pytest.raises(Unavailable, match="DEACTIVATED"):
        old.seal(b"", b"Ada")


async def test_who_died_while_replacing_a_key_can_begin_again(keyring: Keyring) -> None:
    """Between the end of a key and the first use of the next one nobody seals; asked again, nothing more is to be done."""
    subject = uuid4()
    former = await keyring.subject_key(subject)
    await keyring.rotating.subject(subject)

    await keyring.rotating.subject(subject)
    lines = await keyring.keystore.database.fetch("select id, state from keystore_key where id = $1", former.id)

    assert lines == [(former.id, "DEACTIVATED")]
    assert (await keyring.subject_key(subject)).id != former.id
    with pytest.raises(NotFound, match="no key that could"):
        await keyring.rotating.subject(uuid4())


async def test_the_suite_of_new_keys_is_a_setting(key_settings: ComplianceSettings) -> None:
    """Changing it changes new keys only; a rotated subject gets one of it."""
    from msgspec.structs import replace

    subject = uuid4()
    before = await Keyring.open(key_settings)
    wire = (await before.subject_key(subject)).seal(b"", b"Ada")
    await before.close()

    after = await Keyring.open(replace(key_settings, suite="AES256_GCM_SIV"))
    assert (await after.subject_key(subject)).suite == "AES256_GCM"
    await after.rotating.subject(subject)
    assert (await after.subject_key(subject)).suite == "AES256_GCM_SIV"
    former = await after.key(int.from_bytes(wire[1:5], "big"))
    assert former is not None
    assert former.open(b"", wire) == b"Ada"
    await after.close()


async def test_a_full_epoch_is_followed_by_another(keyring: Keyring) -> None:
    """An epoch key wraps at most 2^31 keys (SP 800-38D); then the next one begins by itself."""
    await keyring.subject_key(uuid4())
    await keyring.keystore.database.execute("update keystore_epoch set wraps = $1", LIMIT - 1)

    await keyring.subject_keys([uuid4(), uuid4()])

    lines = (await keyring.inventory()).epochs
    assert [(line.id, line.state) for line in lines] == [(1, "DEACTIVATED"), (2, "ACTIVE")]


async def test_a_full_tenant_key_is_followed_by_another(keyring: Keyring) -> None:
    """The key for data of nobody in particular seals at most 2^31 values; then the next one does."""
    first = await keyring.subject_key(None)
    await keyring.keystore.database.execute("update keystore_key set used = $1 where id = $2", LIMIT, first.id)
    first.count(first.left)

    second = await keyring.subject_key(None)

    assert second.id != first.id
    second.count(1)
    with pytest.raises(Unavailable, match="38D"):
        first.seal(b"", b"")


async def test_what_a_tenant_key_may_seal_is_told_beforehand(keyring: Keyring) -> None:
    """A crash loses numbers, never counts a value too little."""
    key = await keyring.subject_key(None)
    used = "select used from keystore_key where id = $1"
    for _ in range(5):
        key = await keyring.subject_key(None)
        key.count(40_000)
        assert await keyring.keystore.database.fetch_value(used, key.id) >= 40_000

    assert await keyring.keystore.database.fetch_value(used, key.id) >= 200_000


async def test_states_follow_sp_800_57(keyring: Keyring) -> None:
    """A compromised key never seals again, and nothing is marked as destroyed without being it."""
    key = await keyring.subject_key(uuid4())
    await keyring.rotating.mark(key.id, KeyState.SUSPENDED)
    await keyring.rotating.mark(key.id, KeyState.ACTIVE)
    await keyring.rotating.mark(key.id, KeyState.COMPROMISED)

    with pytest.raises(Conflict, match="can become: DESTROYED"):
        await keyring.rotating.mark(key.id, KeyState.ACTIVE)
    with pytest.raises(Invalid, match="destroy it"):
        await keyring.rotating.mark(key.id, KeyState.DESTROYED)
    assert (await keyring.subject_key(key.subject)).id != key.id
