"""One keystore, several processes: they agree on keys, and none misses what another one destroyed or replaced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from crmcore_compliance.keys import Keyring, cache, upkeep
from crmcore_compliance.keys.epochs import LIMIT
from crmcore_compliance.settings import ComplianceSettings
from pytest_asyncio import fixture as async_fixture

from crmcore.errors import Invalid


@async_fixture
async def other(key_settings: ComplianceSettings) -> AsyncIterator[Keyring]:
    """The keyring of another process."""
    made = await Keyring.open(key_settings)
    yield made
    await made.close()


async def test_all_get_the_same_first_keys(keyring: Keyring, other: Keyring) -> None:
    """Whoever is first makes epoch, secrets and keys; the others take them."""
    subjects = [uuid4() for _ in range(20)]

    one, two = await asyncio.gather(keyring.subject_keys(subjects), other.subject_keys(reversed(subjects)))

    assert {subject: key.id for subject, key in one.items()} == {subject: key.id for subject, key in two.items()}
    assert await keyring.index_key("customer.name", "eq", 1) == await other.index_key("customer.name", "eq", 1)
    assert (await keyring.signing_key()).public == (await other.signing_key()).public
    assert len((await keyring.inventory()).epochs) == 1


async def test_no_key_outlives_an_erasure_that_happens_meanwhile(keyring: Keyring, other: Keyring) -> None:
    """Whichever is first, making a subject's key or destroying it: afterwards there is none."""
    await keyring.begin()
    subjects = [uuid4() for _ in range(40)]

    async def make(subject: UUID) -> None:
        with suppress(Invalid):  # the erasure was first
            await keyring.subject_key(subject)

    await asyncio.gather(*(work for each in subjects for work in (make(each), other.destroy(each))))

    owners = {owner for (owner,) in await keyring.keystore.database.fetch("select owner from keystore_key")}
    assert owners == {"index", "signing"}
    assert len(await keyring.destroyed_of(subjects)) == 40


async def test_a_replaced_key_is_heard_of(keyring: Keyring, other: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second later no process seals with a former key."""
    now = [1000.0]
    monkeypatch.setattr(cache, "monotonic", lambda: now[0])
    subject = uuid4()
    former = await other.subject_key(subject)

    await keyring.rotating.subject(subject)
    now[0] += 1.0

    assert (await other.subject_key(subject)).id != former.id


async def test_a_full_tenant_key_is_replaced_by_whoever_comes_first(keyring: Keyring, other: Keyring) -> None:
    """Who comes next, and has not heard of it, seals with the next one too."""
    former = [await each.subject_key(None) for each in (keyring, other)]
    await keyring.keystore.database.execute("update keystore_key set used = $1 where id = $2", LIMIT, former[0].id)
    for key in former:
        key.count(key.left)
    await keyring.rotating.subject(None)

    ids = {(await each.subject_key(None)).id for each in (other, keyring)}

    assert len(ids) == 1
    assert former[0].id not in ids


async def test_keys_are_made_while_epochs_change(keyring: Keyring, other: Keyring) -> None:
    """A rotation loses no key that is made at the same time, and all are under the last epoch in the end."""
    subjects = [uuid4() for _ in range(30)]

    async def make() -> None:
        for subject in subjects:
            await other.subject_key(subject)

    async def rotate() -> None:
        for _ in range(3):
            async for _ in upkeep.rotate(keyring):
                pass

    await keyring.begin()
    await asyncio.gather(make(), rotate())
    async for _ in keyring.rotating.rewrap():
        pass

    assert await keyring.rotating.left() == 0
    await other.close()
    assert len(await keyring.subject_keys(subjects, create=False)) == 30


async def test_one_process_sees_the_keys_that_another_made(keyring: Keyring, other: Keyring) -> None:
    """A keyring that was new when it was opened is not new any more when another process has begun."""
    assert keyring.is_new
    subject = uuid4()
    await other.subject_key(subject)
    await other.destroy(subject)

    assert await keyring.destroyed(subject) is not None
    assert not keyring.is_new
