"""Mutations with idempotency keys: one outcome, refusals included, whoever asks at the same time."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process

from crmcore import Actor, Crm, actions
from tests.graphql.conftest import WorldCrm
from tests.graphql.processes import ask, asked_twice

PROBLEM = "... on Problem { code message violations { path code message } }"
CREATE = (
    "mutation ($data: CreateGadgetInput!, $key: String) { createGadget(data: $data, idempotencyKey: $key) "
    "{ ... on Gadget { id name } " + PROBLEM + " } }"
)
TAGS = 12


async def test_a_refusal_is_told_again(world: WorldCrm) -> None:
    """The same words and violations, and nothing is tried again."""
    first = await world.data(CREATE, {"data": {"name": "forbidden"}, "key": "k"})
    assert "VALIDATION" == first["createGadget"]["code"]
    assert [{"path": "data.name", "code": "FORBIDDEN_NAME"}] == [
        {"path": v["path"], "code": v["code"]} for v in first["createGadget"]["violations"]
    ]
    assert first == await world.data(CREATE, {"data": {"name": "forbidden"}, "key": "k"})


async def test_a_refused_key_stands_for_its_input(world: WorldCrm) -> None:
    """What was mended is another request and needs another key."""
    await world.data(CREATE, {"data": {"name": "forbidden"}, "key": "k"})
    mended = {"data": {"name": "Lamp"}}
    assert "IDEMPOTENCY_KEY_REUSED" == (await world.data(CREATE, {**mended, "key": "k"}))["createGadget"]["code"]
    assert "Lamp" == (await world.data(CREATE, {**mended, "key": "k2"}))["createGadget"]["name"]


async def test_an_argument_that_cannot_be_read_is_refused_as_any_other(world: WorldCrm) -> None:
    """Whether a refusal comes from an argument or from a rule makes no difference to its key."""
    wrong = {"name": "Lamp", "price": {"amount": "1.234", "currency": "EUR"}}
    assert "VALIDATION" == (await world.data(CREATE, {"data": wrong, "key": "k"}))["createGadget"]["code"]
    answer = await world.data(CREATE, {"data": {"name": "Lamp"}, "key": "k"})
    assert "IDEMPOTENCY_KEY_REUSED" == answer["createGadget"]["code"]


async def test_a_refusal_without_a_key_is_forgotten(world: WorldCrm) -> None:
    """Nothing is kept of it."""
    await world.data(CREATE, {"data": {"name": "forbidden"}, "key": None})
    assert 0 == await world.database.fetch_value("select count(*) from crm_idempotency_key")


async def _ready(process: Process) -> None:
    assert process.stdout is not None
    assert process.stderr is not None
    if b"ready" not in await process.stdout.readline():
        raise AssertionError((await process.stderr.read()).decode())


async def test_processes_that_use_a_key_at_once_get_one_outcome(crm: Crm) -> None:
    """Of each key all answers in both processes are the same, also while what they are refused for goes away."""
    system = Actor.system()
    # Each second tag is refused at first.
    in_the_way = [
        await crm.run(system, lambda work, n=n: actions.create(work, "tag", {"name": f"tag {n}"}))  # type: ignore[misc]
        for n in range(0, TAGS, 2)
    ]

    async def make_way() -> None:
        for tag in in_the_way:
            await crm.run(system, lambda work, id=tag["id"]: actions.destroy(work, "tag", id))  # type: ignore[misc]  # noqa: A006

    command = (sys.executable, "-m", "tests.graphql.processes", crm.settings.database, str(TAGS))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(240):
            await _ready(process)
            theirs = asyncio.create_task(process.communicate(b"go\n"))
            way = asyncio.create_task(make_way())
            here = [answers async for answers in asked_twice(crm, TAGS)]
            await way
            said, wrong = await theirs
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    there = [json.loads(line) for line in said.decode().splitlines()]
    assert TAGS == len(there), wrong.decode()
    for number, answers in enumerate(zip(here, there, strict=True)):
        assert [await ask(crm, number)] * 4 == [*answers[0], *answers[1]]
