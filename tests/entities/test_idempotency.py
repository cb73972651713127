"""The same request twice has one effect and one outcome."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from crmcore import Actor, Crm, clock
from crmcore.database import Database
from crmcore.entities import actions
from crmcore.entities.forgetting import forget_keys, forgotten
from crmcore.entities.idempotency import Once, fingerprint
from crmcore.errors import Code, Invalid, KeyReused, RateLimited, Refusal, Unauthenticated, Unavailable
from tests.entities.conftest import Open, actor

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def ask(open_work: Open, database: Database) -> Ask:
    """Give a function that asks for a gadget with a key, as mutations do."""

    async def asked(key: str, name: str, *, code: str | None = None, refusal: Refusal | None = None) -> Any:
        once = Once(actor(), key, fingerprint("createGadget", {"name": name, "code": code}))

        async def unit() -> Any:
            async with open_work() as work:

                async def effect() -> str:
                    if refusal is not None:
                        raise refusal
                    return str((await actions.create(work, "gadget", {"name": name, "code": code}))["id"])

                return await once.do(work, effect)

        try:
            return await database.retrying(unit)
        except Refusal as refused:
            return await once.refuse(database, refused)

    return asked


async def count(database: Database) -> int:
    """Count gadgets."""
    found: int = await database.fetch_value("select count(*) from gadget")
    return found


async def test_the_same_key_gives_the_same_outcome(ask: Ask, database: Database) -> None:
    """The second request finds what the first one did."""
    assert await ask("k", "lamp") == await ask("k", "lamp")
    assert 1 == await count(database)


async def test_a_key_for_something_else_is_refused(ask: Ask, database: Database) -> None:
    """A key stands for one intention, also once that was refused."""
    await ask("k", "lamp")
    with pytest.raises(Invalid):
        await ask("refused", "forbidden")

    for key in ("k", "refused"):
        with pytest.raises(KeyReused):
            await ask(key, "torch")
    assert 1 == await count(database)


async def test_a_refusal_is_an_outcome(ask: Ask, database: Database) -> None:
    """Who asks again with the key is refused again, in the same words, even if the reason is gone."""
    await ask("first", "lamp", code="A")
    with pytest.raises(Refusal) as before:
        await ask("k", "lamp", code="A")
    await database.execute("update gadget set code = null")

    with pytest.raises(Refusal) as after:
        await ask("k", "lamp", code="A")

    assert Code.DUPLICATE is after.value.code
    assert (before.value.message, before.value.violations) == (after.value.message, after.value.violations)
    assert await ask("another", "lamp", code="A")


@pytest.mark.parametrize("kind", [Unavailable, RateLimited, Unauthenticated])
async def test_a_passing_reason_is_no_outcome(ask: Ask, kind: type[Refusal]) -> None:
    """What says nothing of the request leaves the key free."""
    with pytest.raises(kind):
        await ask("k", "lamp", refusal=kind("Not now."))

    assert await ask("k", "lamp")


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00"])
async def test_a_key_has_a_form(ask: Ask, key: str) -> None:
    """Empty, endless and unstorable keys are refused."""
    with pytest.raises(Invalid):
        await ask(key, "lamp")


async def test_the_same_key_at_the_same_time_has_one_effect(ask: Ask, database: Database) -> None:
    """Concurrent requests with one key make one record; each of them ends with its id or is told to ask again."""
    outcomes = await asyncio.gather(*(ask("k", "lamp") for _ in range(8)), return_exceptions=True)

    assert 1 == await count(database)
    assert 1 == len({o for o in outcomes if isinstance(o, str)})
    assert all(isinstance(o, (str, Refusal)) for o in outcomes)


async def test_a_refusal_gives_way_to_an_outcome_that_was_first(ask: Ask, open_work: Open, database: Database) -> None:
    """Between a refusal and its keeping the same request may have succeeded: then both have succeeded."""
    once = Once(actor(), "k", fingerprint("createGadget", {"name": "lamp", "code": None}))

    async def refuse() -> Any:
        msg = "Not yet."
        raise Invalid(msg)

    with pytest.raises(Invalid) as refused:
        async with open_work() as work:
            await once.do(work, refuse)
    done = await ask("k", "lamp")

    assert done == await once.refuse(database, refused.value)


async def test_a_key_is_forgotten_when_its_time_is_over(ask: Ask, database: Database) -> None:
    """It may be used anew then, and those whose time is not over stand for their requests still."""
    old = [await ask(key, "lamp") for key in ("a", "b", "c")]
    later = clock.now() + timedelta(days=8)
    with clock.at(lambda: later):
        young = await ask("d", "lamp")

        assert 3 == await forgotten(database, later - timedelta(days=7), batch=2)

        assert await ask("a", "lamp") not in old
        assert young == await ask("d", "lamp")


async def test_forgetting_is_a_job_of_its_own(crm: Crm) -> None:
    """The keys of the setting's days stay."""
    once = Once(Actor.system(), "k", "asked")

    async def nothing() -> None:
        return None

    await crm.run(Actor.system(), lambda work: once.do(work, nothing))
    left = []
    for days in (6, 8):
        moment = clock.now() + timedelta(days=days)
        with clock.at(lambda moment=moment: moment):  # type: ignore[misc]
            await crm.put(forget_keys())
            await crm.jobs.run_due()
        left.append(await crm.database.fetch_value("select count(*) from crm_idempotency_key"))
    assert [1, 0] == left


def test_the_fingerprint_ignores_order() -> None:
    """Equal arguments are equal, however they were written."""
    assert fingerprint("x", {"a": 1, "b": [2]}) == fingerprint("x", {"b": [2], "a": 1})
