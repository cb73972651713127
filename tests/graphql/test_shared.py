"""Named actions that are done together with what others ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import pytest

from crmcore import Actor, Once, Row, Work, actions, errors
from crmcore.database.tally import TALLY, Tally
from tests.graphql.conftest import WorldCrm
from tests.graphql.world import rename_gadget

CREATE = "mutation ($name: String!) { createGadget(data: {name: $name}) { ... on Gadget { id } } }"
RENAME = """mutation ($id: ID!, $name: String!, $key: String) { renameGadget(id: $id, name: $name, idempotencyKey: $key) {
    ... on Gadget { id name version } ... on Problem { code } } }"""
Last = Callable[[Row], Awaitable[None]]


class Sharing:
    """Renames gadgets for all who ask in one round of the event loop.

    Attributes:

        asked: what was handed over: the request and the names.
        broken: whether what is not known to be done already is refused.
        hopes: see `Once.used`.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str]] = []
        self.broken, self.hopes = False, True
        self._waiting: list[tuple[Mapping[str, Any], Once | None, asyncio.Future[Any]]] = []

    async def __call__(
        self,
        crm: Any,
        actor: Actor,
        values: Mapping[str, Any],
        request_id: str | None,
        once: Once | None,
        last: Last | None,
    ) -> Row | None:
        """See `crmcore.Action.shared`."""
        self.asked.append((request_id, values["name"]))
        if values["name"] == "alone":
            return None
        if values["name"] == "lonely":
            return await crm.run(actor, lambda work: _rename(work, values), last=last)
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((values, once, answer))
        await asyncio.sleep(0.05)
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            # As for many: in a context that is no request's.
            outcomes = await asyncio.create_task(self._done(crm, actor, waiting), context=Context())
            for (*_, future), done in zip(waiting, outcomes, strict=True):
                future.set_result(done)
        done = await answer
        if isinstance(done, errors.Refusal):
            raise done
        return done

    async def _done(self, crm: Any, actor: Actor, waiting: list[Any]) -> list[Any]:
        async def unit(work: Work) -> list[Any]:
            used = await Once.used(work, [once for _, once, _ in waiting if once is not None], hope=self.hopes)
            if self.broken and len(used) < len(waiting):
                msg = "None of it."
                raise errors.Declined(msg)
            found: list[Any] = []
            for values, once, _ in waiting:
                refused = errors.Declined("No.") if values["name"] == "refused" else None
                found.append(None if once in used else refused or await _rename(work, values))
            kept = zip(waiting, found, strict=True)
            await Once.keep(
                work, [(once, done) for (_, once, _), done in kept if once is not None and done is not None]
            )
            return found

        return list(await crm.run(actor, unit))


async def _rename(work: Work, values: Mapping[str, Any]) -> Row:
    return await actions.update(work, "gadget", values["id"], {"name": values["name"]})


@pytest.fixture
def sharing(monkeypatch: pytest.MonkeyPatch) -> Sharing:
    """See `Sharing`."""
    found = Sharing()
    monkeypatch.setitem(rename_gadget.__dict__, "shared", found)
    return found


@contextmanager
def _request(*, tape: bool = False) -> Iterator[Tally]:
    tally = Tally("request-1")
    tally.tape = [] if tape else None
    token = TALLY.set(tally)
    yield tally
    TALLY.reset(token)


async def _gadgets(world: WorldCrm, *names: str) -> list[str]:
    found = [(await world.data(CREATE, {"name": name}))["createGadget"]["id"] for name in names]
    world.runs = 0
    return found


async def _renamed(world: WorldCrm, id: str, name: str, **more: Any) -> Any:
    return (await world.data(RENAME, {"id": id, "name": name, **more}))["renameGadget"]


async def test_what_is_asked_at_once_is_one_unit_of_work(world: WorldCrm, sharing: Sharing) -> None:
    """Each is answered with its own record, or its own refusal."""
    a, b, c = await _gadgets(world, "A", "B", "C")
    found = await asyncio.gather(_renamed(world, a, "AA"), _renamed(world, b, "refused"), _renamed(world, c, "CC"))

    assert [{"id": a, "name": "AA", "version": 2}, {"code": "DECLINED"}, {"id": c, "name": "CC", "version": 2}] == found
    assert ([("request-1", "AA"), ("request-1", "refused"), ("request-1", "CC")], 1) == (sharing.asked, world.runs)


async def test_what_cannot_be_shared_is_done_alone(world: WorldCrm, sharing: Sharing) -> None:
    """By the function itself, once."""
    (a,) = await _gadgets(world, "A")

    assert {"id": a, "name": "alone", "version": 2} == await _renamed(world, a, "alone")
    assert (["alone"], 1) == ([name for _, name in sharing.asked], world.runs)


async def test_a_key_is_kept_by_the_transaction_that_has_the_effect(world: WorldCrm, sharing: Sharing) -> None:
    """Which is the shared one, refusals among it; asked again, each is told what came of it, whatever it would be now."""
    a, b = await _gadgets(world, "A", "B")
    asked = [(a, "AA", "k"), (b, "refused", "l")]
    first = await asyncio.gather(*(_renamed(world, id, name, key=key) for id, name, key in asked))
    shared = world.runs
    await _renamed(world, a, "AAA")
    again = await asyncio.gather(*(_renamed(world, id, name, key=key) for id, name, key in asked))

    assert ([{"id": a, "name": "AA", "version": 2}, {"code": "DECLINED"}], 1) == (first, shared)
    assert [{"id": a, "name": "AAA", "version": 3}, {"code": "DECLINED"}] == again
    assert 2 == len(await world.database.fetch("select key from crm_idempotency_key where key in ('k', 'l')"))


async def test_a_key_that_comes_twice_at_once_has_one_effect(world: WorldCrm, sharing: Sharing) -> None:
    """The second is told what came of the first; and that it asked for something else, if it did."""
    a, b = await _gadgets(world, "A", "B")
    asked = [(a, "AA"), (a, "AA"), (b, "BB")]
    found = await asyncio.gather(*(_renamed(world, id, name, key="k") for id, name in asked))
    done = {"id": a, "name": "AA", "version": 2}

    assert [done, done, {"code": "IDEMPOTENCY_KEY_REUSED"}] == found


async def test_what_is_refused_while_keys_are_hoped_to_be_new_is_looked_at_again(
    world: WorldCrm, sharing: Sharing
) -> None:
    """It may have been done before, and be refused for that."""
    (a,) = await _gadgets(world, "A")
    first = await _renamed(world, a, "AA", key="k")
    sharing.broken = True

    assert [first, {"code": "DECLINED"}] == [await _renamed(world, a, "AA", key=key) for key in ("k", "l")]


@pytest.mark.parametrize("hopes", [True, False])
async def test_who_is_quicker_with_a_key_has_the_effect(
    world: WorldCrm, sharing: Sharing, monkeypatch: pytest.MonkeyPatch, hopes: bool
) -> None:
    """The shared unit, run again, finds that the key is used: the others of it do not notice."""
    a, b = await _gadgets(world, "A", "B")
    real, came = Once.used, []

    async def late(work: Work, requests: Any, **more: Any) -> Any:
        used = await real(work, requests, **more)
        if not came:  # Just now somebody else writes the key, whose transaction has begun before.
            came.append(asyncio.create_task(_taken(world), context=Context()))
            await came[0]
        return used

    if world.database.dialect == "sqlite":
        pytest.skip("Has one writer, so that nobody is quicker.")
    sharing.hopes = hopes
    monkeypatch.setattr(Once, "used", staticmethod(late))
    found = await asyncio.gather(_renamed(world, a, "AA", key="k"), _renamed(world, b, "BB", key="l"))

    assert [{"code": "IDEMPOTENCY_KEY_REUSED"}, {"id": b, "name": "BB", "version": 2}] == found
    assert 2 == len(sharing.asked)


async def _taken(world: WorldCrm) -> None:
    """Have the key `k` used for something else."""
    await world.data('mutation { createGadget(data: {name: "C"}, idempotencyKey: "k") { __typename } }')


async def test_who_shares_with_nobody_is_shown_what_the_transaction_read_last(
    world: WorldCrm, sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read behind it."""
    (a,) = await _gadgets(world, "A")
    monkeypatch.setattr(world.planner.__class__, "read_written", None)

    assert {"id": a, "name": "lonely", "version": 2} == await _renamed(world, a, "lonely")
    assert 1 == len(sharing.asked)


async def test_a_request_counts_what_was_shared(world: WorldCrm, sharing: Sharing) -> None:
    """As one statement, besides that for its answer, for as long as it waited; from then on the request reads what it wrote."""
    (a,) = await _gadgets(world, "A")
    with _request() as tally:
        await _renamed(world, a, "AA")

    assert (True, 2) == (tally.wrote, tally.statements)
    assert tally.database_seconds >= 0.05


async def test_who_wants_to_see_the_statements_has_their_own(world: WorldCrm, sharing: Sharing) -> None:
    """Those of others are nobody's business."""
    (a,) = await _gadgets(world, "A")
    with _request(tape=True) as tally:
        await _renamed(world, a, "AA")

    assert ([], True) == (sharing.asked, any("update gadget" in taped.sql for taped in tally.tape or ()))
