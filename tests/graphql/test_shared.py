"""Named actions that are done together with what others ask at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context
from typing import Any

import pytest

from crmcore import Actor, Row, Work, actions, errors
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
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str]] = []
        self._waiting: list[tuple[Mapping[str, Any], asyncio.Future[Row]]] = []

    async def __call__(
        self, crm: Any, actor: Actor, values: Mapping[str, Any], request_id: str | None, last: Last | None
    ) -> Row | None:
        """See `crmcore.Action.shared`."""
        self.asked.append((request_id, values["name"]))
        if values["name"] == "alone":
            return None
        if values["name"] == "lonely":
            return await crm.run(actor, lambda work: _rename(work, values), last=last)
        answer = asyncio.get_running_loop().create_future()
        self._waiting.append((values, answer))
        await asyncio.sleep(0.05)
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            # As for many: in a context that is no request's.
            outcomes = await asyncio.create_task(self._done(crm, actor, waiting), context=Context())
            for (_, future), done in zip(waiting, outcomes, strict=True):
                future.set_result(done)
        done = await answer
        if isinstance(done, errors.Refusal):
            raise done
        return done

    async def _done(self, crm: Any, actor: Actor, waiting: list[Any]) -> list[Any]:
        async def unit(work: Work) -> list[Any]:
            found: list[Any] = []
            for values, _ in waiting:
                refused = values["name"] == "refused"
                found.append(errors.Declined("No.") if refused else await _rename(work, values))
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
    """Which is one of its own."""
    (a,) = await _gadgets(world, "A")
    first, again = [await _renamed(world, a, "AA", key="k") for _ in range(2)]

    assert ([], {"id": a, "name": "AA", "version": 2}, first) == (sharing.asked, first, again)


async def test_who_shares_with_nobody_is_shown_what_the_transaction_read_last(
    world: WorldCrm, sharing: Sharing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read behind it."""
    (a,) = await _gadgets(world, "A")
    monkeypatch.delattr(world.planner.__class__, "read_written")

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
