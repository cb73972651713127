"""Whoever can write into the keystore, or loses the key service, gains no key that is not theirs."""

from __future__ import annotations

from uuid import uuid4

import pytest
from crmcore_compliance.crypto import Unreadable
from crmcore_compliance.keys import Keyring, epochs
from crmcore_compliance.kms import KeyServiceDown, Wrapped
from crmcore_compliance.settings import ComplianceSettings
from msgspec.structs import replace

from crmcore.errors import SetupError


async def _again(settings: ComplianceSettings, key_id: int) -> object:
    other = await Keyring.open(settings)
    try:
        return await other.key(key_id)
    finally:
        await other.close()


@pytest.mark.parametrize("column", ["owner", "wrapped", "check_value", "id", "epoch"])
async def test_keys_cannot_be_exchanged(keyring: Keyring, key_settings: ComplianceSettings, column: str) -> None:
    """A key that was given another one's owner, id, secret or check value does not open."""
    one, two = await keyring.subject_key(uuid4()), await keyring.subject_key(uuid4())
    db = keyring.keystore.database
    first, second = [
        (await db.fetch_value(f"select {column} from keystore_key where id = $1", key.id)) for key in (one, two)
    ]
    if column == "epoch":
        second = await keyring.rotating.epoch()
    await db.execute("delete from keystore_key where id = $1", two.id)
    await db.execute(f"update keystore_key set {column} = $1 where id = $2", second, one.id)
    assert first != second

    with pytest.raises(Unreadable):
        await _again(key_settings, two.id if column == "id" else one.id)


async def test_another_tenants_keystore_is_refused(keyring: Keyring, key_settings: ComplianceSettings) -> None:
    """A tenant's name never changes; the message says so."""
    await keyring.subject_key(None)

    with pytest.raises(SetupError, match="put the former one back"):
        await Keyring.open(replace(key_settings, tenant="other"))


async def test_a_renamed_tenant_opens_nothing(keyring: Keyring, key_settings: ComplianceSettings) -> None:
    """Even where the keystore was made to say otherwise, the epochs are bound to their tenant."""
    await keyring.subject_key(None)
    await keyring.keystore.database.execute("update keystore_meta set value = 'other' where name = 'tenant'")
    other = await Keyring.open(replace(key_settings, tenant="other"))

    with pytest.raises(Unreadable):
        await other.epochs.load(1)
    await other.close()


async def test_epochs_cannot_be_exchanged(keyring: Keyring, key_settings: ComplianceSettings) -> None:
    """An epoch's key in the place of another one does not open."""
    await keyring.subject_key(None)
    await keyring.rotating.epoch()
    take = """
        update keystore_epoch set wrapped = (select wrapped from keystore_epoch where id = 2),
        version = (select version from keystore_epoch where id = 2) where id = 1
    """
    await keyring.keystore.database.execute(take)
    other = await Keyring.open(key_settings)

    assert (await other.epochs.load(2)).id == 2
    with pytest.raises(Unreadable):
        await other.epochs.load(1)
    await other.close()


async def test_no_secret_is_in_the_keystore_or_in_words(keyring: Keyring) -> None:
    """The keystore has keys only as wrapped, and a key shows itself without its secret."""
    key = await keyring.subject_key(uuid4())
    seed = (await keyring.signing_key())._private.private_bytes_raw()

    rows = str(await keyring.keystore.database.fetch("select * from keystore_key"))

    assert seed.hex() not in rows
    assert str(seed) not in rows
    assert repr(key) == f"<Key {key.id} AES256_GCM ACTIVE>"


async def test_reading_goes_on_while_the_key_service_is_down(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """An epoch key in memory serves for a day; a new epoch has to wait, and says so."""
    subject = uuid4()
    key = await keyring.subject_key(subject)
    wire = key.seal(b"", b"Ada")
    now = [epochs.monotonic() + 7200.0]
    monkeypatch.setattr(epochs, "monotonic", lambda: now[0])

    async def down(what: Wrapped, aad: bytes) -> bytes:
        msg = "The key service does not answer now."
        raise KeyServiceDown(msg)

    monkeypatch.setattr(keyring.epochs.service(), "unwrap", down)

    found = await keyring.key(key.id)
    assert found is not None
    assert found.open(b"", wire) == b"Ada"
    assert (await keyring.subject_key(uuid4())).id
    now[0] += 86400.0
    with pytest.raises(KeyServiceDown):
        await keyring.subject_key(uuid4())


async def test_a_lost_key_service_is_unreadable_not_erased(keyring: Keyring, key_settings: ComplianceSettings) -> None:
    """Without the key that wrapped it nothing opens, and nobody is told that it was erased."""
    key = await keyring.subject_key(uuid4())
    info = await keyring.epochs.service().describe()
    await keyring.epochs.service().rotate()
    await keyring.epochs.service().destroy(info.version)

    with pytest.raises(Unreadable):
        await _again(key_settings, key.id)
