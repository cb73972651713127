"""The same request twice has one effect."""

from __future__ import annotations

import asyncio

import pytest

from crmcore.database import Database
from crmcore.entities import actions
from crmcore.entities.idempotency import fingerprint, once
from crmcore.errors import Invalid, KeyReused, Refusal
from tests.entities.conftest import Open


async def make(open_work: Open, key: str | None, name: str) -> str:
    async with open_work(idempotency_key=key) as work:

        async def effect() -> str:
            return str((await actions.create(work, "gadget", {"name": name}))["id"])

        outcome: str = await once(work, fingerprint("createGadget", {"name": name}), effect)
        return outcome


async def test_the_same_key_gives_the_same_outcome(open_work: Open, database: Database) -> None:
    """The second request finds what the first one did."""
    assert await make(open_work, "k", "lamp") == await make(open_work, "k", "lamp")
    assert 1 == await database.fetch_value("select count(*) from gadget")


async def test_without_a_key_every_request_counts(open_work: Open, database: Database) -> None:
    """No key, no memory."""
    await make(open_work, None, "lamp")
    await make(open_work, None, "lamp")

    assert 2 == await database.fetch_value("select count(*) from gadget")


async def test_a_key_for_something_else_is_refused(open_work: Open) -> None:
    """A key stands for one intention."""
    await make(open_work, "k", "lamp")

    with pytest.raises(KeyReused):
        await make(open_work, "k", "torch")


async def test_a_refused_effect_leaves_the_key_free(open_work: Open) -> None:
    """Nothing was done, so the corrected request may use the key."""
    with pytest.raises(Invalid):
        await make(open_work, "k", "forbidden")

    assert await make(open_work, "k", "lamp")


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00"])
async def test_a_key_has_a_form(open_work: Open, key: str) -> None:
    """Empty, endless and unstorable keys are refused."""
    with pytest.raises(Invalid):
        await make(open_work, key, "lamp")


async def test_the_same_key_at_the_same_time_has_one_effect(open_work: Open, database: Database) -> None:
    """Concurrent requests with one key make one record; each of them ends with its id or is told to ask again."""

    async def one() -> str:
        return await database.retrying(lambda: make(open_work, "k", "lamp"))

    outcomes = await asyncio.gather(*(one() for _ in range(8)), return_exceptions=True)

    assert 1 == await database.fetch_value("select count(*) from gadget")
    assert 1 == len({o for o in outcomes if isinstance(o, str)})
    assert all(isinstance(o, (str, Refusal)) for o in outcomes)


def test_the_fingerprint_ignores_order() -> None:
    """Equal arguments are equal, however they were written."""
    assert fingerprint("x", {"a": 1, "b": [2]}) == fingerprint("x", {"b": [2], "a": 1})
