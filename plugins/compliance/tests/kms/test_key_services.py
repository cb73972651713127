"""Every key service wraps, unwraps, rotates and destroys alike."""

from __future__ import annotations

from base64 import b64encode
from os import urandom
from pathlib import Path

import pytest
from crmcore_compliance.crypto import Cost, Unreadable
from crmcore_compliance.kms import SCHEMES, KeyGone, KeyServiceDown, KeysStay, Kms, Wrapped, kms_of
from crmcore_compliance.kms.aws import AwsKms
from crmcore_compliance.kms.env import EnvKms
from crmcore_compliance.kms.file import FileKms
from crmcore_compliance.kms.gcp import GcpKms
from crmcore_compliance.kms.vault import VaultKms
from fakes import Aws, Google, Vault

from crmcore.errors import SetupError

CHEAP = Cost(memory=64, passes=1, lanes=1)


@pytest.fixture(params=["file", "file-passphrase", "env", "aws", "gcp", "vault"])
def service(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kms:
    """One of each."""
    monkeypatch.setenv("TEST_KEY", b64encode(urandom(32)).decode())
    made: dict[str, Kms] = {
        "file": FileKms(f"file://{tmp_path}/keyring.json?key=env://TEST_KEY", ""),
        "file-passphrase": FileKms(f"file://{tmp_path}/keyring.json", "correct horse battery staple", CHEAP),
        "env": EnvKms("env://TEST_KEY"),
        "aws": AwsKms("aws-kms://alias/crm", Aws()),
        "gcp": GcpKms("gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k", Google()),
        "vault": VaultKms("hcvault://vault.example.com/transit/keys/crm", Vault()),
    }
    return made[str(request.param)]


async def test_what_is_wrapped_is_unwrapped(service: Kms) -> None:
    """A key comes back as it was, and cannot be seen in what wraps it."""
    key = urandom(32)

    wrapped = await service.wrap(key, b"epoch 1")

    assert await service.unwrap(wrapped, b"epoch 1") == key
    assert key not in wrapped.blob


async def test_what_is_bound_elsewhere_is_refused(service: Kms) -> None:
    """A wrapped key cannot be given out for another one."""
    wrapped = await service.wrap(urandom(32), b"epoch 1")

    with pytest.raises(Unreadable):
        await service.unwrap(wrapped, b"epoch 2")


async def test_what_was_altered_is_refused(service: Kms) -> None:
    """A changed bit is noticed."""
    wrapped = await service.wrap(urandom(32), b"epoch 1")
    blob = wrapped.blob[:-6] + bytes([wrapped.blob[-6] ^ 1]) + wrapped.blob[-5:]

    with pytest.raises(Unreadable):
        await service.unwrap(Wrapped(blob, wrapped.version), b"epoch 1")


async def test_rewrapping_keeps_the_key(service: Kms) -> None:
    """After a rotation the newest version wraps, and the key is the same."""
    key = urandom(32)
    former = await service.wrap(key, b"epoch 1")

    newest = await service.rotate()
    fresh = await service.rewrap(former, b"epoch 1")

    assert fresh.version == newest == (await service.describe()).version
    assert await service.unwrap(fresh, b"epoch 1") == key


async def test_destroyed_versions_unwrap_nothing(service: Kms) -> None:
    """What a destroyed version wrapped is lost; what the newest wrapped is not. Who cannot destroy says so."""
    former = await service.wrap(urandom(32), b"epoch 1")
    await service.rotate()
    key = urandom(32)
    current = await service.wrap(key, b"epoch 2")

    if isinstance(service, EnvKms):
        with pytest.raises(KeysStay, match="delete the key"):
            await service.destroy(former.version)
        return
    await service.destroy(former.version)

    with pytest.raises(KeyGone):
        await service.unwrap(former, b"epoch 1")
    assert await service.unwrap(current, b"epoch 2") == key


async def test_a_service_describes_its_key(service: Kms) -> None:
    """It says which version wraps and what protects it."""
    await service.wrap(urandom(32), b"")
    info = await service.describe()

    assert info.uri == service.uri
    assert info.version
    assert info.state in ("ENABLED", "Enabled")
    assert info.protection


async def test_one_key_of_aws_cannot_be_destroyed_by_version() -> None:
    """Without an alias the way out is said."""
    with pytest.raises(KeysStay, match="alias"):
        await AwsKms("aws-kms://1234", Aws()).destroy("arn:1")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_uri_names_a_service(scheme: str) -> None:
    """Tink's schemes are known."""
    assert kms_of(f"{scheme}://host/mount/keys/name").uri.startswith(scheme)


@pytest.mark.parametrize("uri", ["", "file://", "ftp://key", "hcvault://host"])
def test_other_uris_are_refused(uri: str) -> None:
    """What is no key service is refused at the start."""
    with pytest.raises(SetupError, match="key"):
        kms_of(uri)


async def test_a_service_that_does_not_answer_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """After three failures nobody waits for it, until it has rested."""
    from crmcore_compliance.kms import guarded

    now = [0.0]
    monkeypatch.setattr(guarded, "monotonic", lambda: now[0])
    client = Aws()
    service = guarded.Guarded(AwsKms("aws-kms://alias/crm", client))
    client.down = True
    for _ in range(3):
        with pytest.raises(KeyServiceDown, match="does not answer"):
            await service.describe()

    client.down = False
    with pytest.raises(KeyServiceDown, match="left alone"):
        await service.describe()
    now[0] = 31.0
    assert (await service.describe()).version == "arn:1"
