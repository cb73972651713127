"""The keyring file: private, sealed, and whole whatever happens while it is written."""

# ruff: noqa: ASYNC240 - a test may wait for a small file

from __future__ import annotations

import json
from os import urandom
from pathlib import Path

import pytest
from crmcore_compliance.crypto import Cost, Unreadable
from crmcore_compliance.kms.file import FileKms

from crmcore.errors import SetupError

PASSPHRASE = "correct horse battery staple"
CHEAP = Cost(memory=64, passes=1, lanes=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where it is."""
    return tmp_path / "keyring.json"


async def test_only_its_owner_reads_it(file: Path) -> None:
    """It is made with mode 0600, and refused when others may read it."""
    service = FileKms(f"file://{file}", PASSPHRASE, CHEAP)
    await service.rotate()
    assert file.stat().st_mode & 0o777 == 0o600

    file.chmod(0o644)
    with pytest.raises(SetupError, match="chmod 600"):
        await service.wrap(urandom(32), b"")


async def test_another_passphrase_opens_nothing(file: Path) -> None:
    """Whoever has the file alone has nothing."""
    wrapped = await FileKms(f"file://{file}", PASSPHRASE, CHEAP).wrap(urandom(32), b"")

    with pytest.raises(Unreadable):
        await FileKms(f"file://{file}", "wrong horse").unwrap(wrapped, b"")


async def test_versions_cannot_be_exchanged(file: Path) -> None:
    """A version put into another one's place does not open."""
    service = FileKms(f"file://{file}", PASSPHRASE, CHEAP)
    wrapped = await service.wrap(urandom(32), b"")
    await service.rotate()
    content = json.loads(file.read_text())
    content["keys"][0]["version"], content["keys"][1]["version"] = "2", "1"
    file.write_text(json.dumps(content))

    with pytest.raises(Unreadable):
        await service.unwrap(wrapped, b"")
    with pytest.raises(Unreadable):
        await service.wrap(urandom(32), b"")


async def test_without_passphrase_the_way_out_is_said(file: Path) -> None:
    """A keyring is never written unsealed."""
    with pytest.raises(SetupError, match="CRM_COMPLIANCE_PASSPHRASE"):
        await FileKms(f"file://{file}", "", CHEAP).wrap(urandom(32), b"")
    assert not file.exists()


async def test_a_crash_while_writing_leaves_the_former_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new content takes the file's place only when it is whole."""
    service = FileKms(f"file://{file}", PASSPHRASE, CHEAP)
    key = urandom(32)
    wrapped = await service.wrap(key, b"")
    before = file.read_bytes()

    def crash(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "replace", crash)
        await service.rotate()

    assert file.read_bytes() == before
    assert await service.unwrap(wrapped, b"") == key


async def test_a_destroyed_version_leaves_no_key_in_the_file(file: Path) -> None:
    """Its place stays, so that its number is not given again; its key does not."""
    service = FileKms(f"file://{file}", PASSPHRASE, CHEAP)
    wrapped = await service.wrap(urandom(32), b"")
    sealed = json.loads(file.read_text())["keys"][0]["sealed"]
    await service.destroy(wrapped.version)

    assert sealed not in file.read_text()
    assert await service.rotate() == "2"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "other", "keys": []}'])
async def test_what_is_no_keyring_is_refused(file: Path, content: str) -> None:
    """A damaged file stops with the way out instead of being overwritten."""
    file.touch(mode=0o600)
    file.write_text(content)

    with pytest.raises(SetupError, match="cannot be used"):
        await FileKms(f"file://{file}", PASSPHRASE).rotate()
    assert file.read_text() == content
