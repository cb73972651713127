"""What people see of jobs and do with them, through the API: under the permission jobs.manage, or with what they put."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crmcore import Access, Actor, ActorType, Crm, Work, actions, clock, ids
from crmcore.jobs.moment import micros
from crmcore.jobs.states import State
from crmcore.jobs.sweep import swept
from tests.jobs.operations import weeds

ADA = Actor(ActorType.USER, "user_ada", "Ada", access=Access(permissions=frozenset({"jobs.manage"})))
BOB = Actor(ActorType.USER, "user_bob", "Bob", access=Access())
EVE = Actor(ActorType.USER, "user_eve", "Eve", access=Access())

ONE = """query($id: ID!) { job(id: $id) {
    id name state attempts error arguments putBy runAt createdAt endedAt held progress { share text }
} }"""
LIST = """query($state: JobState, $name: String, $first: Int, $after: String) {
    jobs(state: $state, name: $name, first: $first, after: $after) {
        nodes { id state } edges { cursor } pageInfo { hasNextPage endCursor }
    }
}"""
DO = "mutation($id: String!) { done: %s(id: $id) { __typename ... on Job { state attempts } ... on Problem { code message } } }"
REPLAY = """mutation($handler: String!, $since: DateTime!, $until: DateTime) {
    done: replayEvents(handler: $handler, since: $since, until: $until) {
        __typename ... on Job { id name state } ... on Problem { code message }
    }
}"""


async def put(crm: Crm, by: Actor = BOB, *, row: int = 1, **when: Any) -> str:
    """Put a job and return its id as clients have it."""

    async def unit(work: Work) -> UUID:
        return await work.put(weeds.pull(row=row), **when)

    return ids.encode("job", await crm.run(by, unit))


async def asked(crm: Crm, text: str, by: Actor = ADA, **variables: Any) -> Any:
    """Return the data of an answer, or its first error's message."""
    answer = await crm.execute(text, variables, actor=by)
    return answer["errors"][0]["message"] if answer.get("errors") else answer["data"]


async def kill(crm: Crm, id: str) -> None:
    """Let a job fail until it is dead."""
    weeds.LUCK.extend([ValueError("no spade")] * 4)
    await run_out(crm)


async def run_out(crm: Crm) -> None:
    """Do everything, whatever it waits for."""
    for _ in range(6):
        await crm.jobs.run_due()
        await crm.database.execute("update crm_job set run_at = 0 where state = 0")


async def test_a_job_is_shown_to_who_may_see_it(crm: Crm) -> None:
    """With all there is to who looks after jobs; to who put it, where it stands, and not what its plugin may know of."""
    id = await put(crm)
    found = (await asked(crm, ONE, id=id))["job"]
    assert {"row": 1} == found["arguments"]
    assert ("weeds.pull", "WAITING", 0, "Bob", None) == tuple(
        found[key] for key in ("name", "state", "attempts", "putBy", "held")
    )
    # An id is never earlier than the one before it, and other tests have moved the clock.
    assert found["runAt"][:16] <= found["createdAt"][:16]
    found = (await asked(crm, ONE, BOB, id=id))["job"]
    assert ("WAITING", None, None) == (found["state"], found["arguments"], found["error"])
    assert {"job": None} == await asked(crm, ONE, EVE, id=id)
    assert {"job": None} == await asked(crm, ONE, id=ids.encode("job", ids.new()))


async def test_progress_and_errors_are_shown(crm: Crm) -> None:
    """What a job says of itself, and why it is dead."""
    dead = await put(crm)
    await kill(crm, dead)
    found = (await asked(crm, ONE, id=dead))["job"]
    assert ("DEAD", 4) == (found["state"], found["attempts"])
    assert found["error"].endswith("ValueError: no spade")

    async def unit(work: Work) -> UUID:
        return await work.put(weeds.water(text="once"))

    watered = ids.encode("job", await crm.run(BOB, unit))
    await crm.jobs.run_due()
    found = (await asked(crm, ONE, BOB, id=watered))["job"]
    assert ("DONE", {"share": 0.25, "text": "the roses"}) == (found["state"], found["progress"])


async def test_jobs_are_listed_a_page_at_a_time(crm: Crm) -> None:
    """Those first that were put last; by state and name."""
    made = [await put(crm, row=n) for n in range(5)]
    found, after = [], None
    while True:
        page = (await asked(crm, LIST, name="weeds.pull", first=2, after=after))["jobs"]
        found += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert made[::-1] == found
    assert [] == (await asked(crm, LIST, state="DEAD"))["jobs"]["nodes"]
    assert 5 == len((await asked(crm, LIST, state="WAITING"))["jobs"]["edges"])
    assert "needs the permission jobs.manage" in await asked(crm, LIST, BOB)


async def test_cancelling(crm: Crm) -> None:
    """One's own, or with the permission any; what is cancelled is never done, and its lane goes on."""
    mine, other = await put(crm), await put(crm, EVE)
    assert "NOT_FOUND" == (await asked(crm, DO % "cancelJob", BOB, id=other))["done"]["code"]
    assert "CANCELLED" == (await asked(crm, DO % "cancelJob", BOB, id=mine))["done"]["state"]
    assert "CONFLICT" == (await asked(crm, DO % "cancelJob", BOB, id=mine))["done"]["code"]
    assert "CANCELLED" == (await asked(crm, DO % "cancelJob", id=other))["done"]["state"]

    async def unit(work: Work) -> list[UUID]:
        first = await work.put(weeds.water(text="first"), ordered=True, delay=3600.0)
        return [first, await work.put(weeds.water(text="second"), ordered=True)]

    first, _ = await crm.run(EVE, unit)
    await crm.jobs.run_due()
    assert [] == weeds.DONE
    await asked(crm, DO % "cancelJob", id=ids.encode("job", first))
    await crm.jobs.run_due()
    assert ["second"] == weeds.DONE


async def test_trying_again(crm: Crm) -> None:
    """What is dead is done as if it were new, unless another job does so already; only who looks after jobs can have that."""
    id = await put(crm)
    assert "CONFLICT" == (await asked(crm, DO % "retryJob", id=id))["done"]["code"]
    await kill(crm, id)
    assert "FORBIDDEN" == (await asked(crm, DO % "retryJob", BOB, id=id))["done"]["code"]
    assert {"__typename": "Job", "state": "WAITING", "attempts": 0} == (await asked(crm, DO % "retryJob", id=id))[
        "done"
    ]
    await crm.jobs.run_due()
    assert [1] == weeds.DONE
    gone = ids.encode("job", ids.new())
    assert "NOT_FOUND" == (await asked(crm, DO % "retryJob", id=gone))["done"]["code"]
    id = await put(crm, key="the patch")
    await kill(crm, id)
    await put(crm, key="the patch")
    assert "CONFLICT" == (await asked(crm, DO % "retryJob", id=id))["done"]["code"]


async def test_a_handler_is_told_again_of_a_stretch_of_time(crm: Crm) -> None:
    """Of the events of that time and of nothing before or after it; not an unknown one, and not for everybody."""
    made: list[tuple[Any, Any]] = []
    for name in ("Ann", "Ben", "Cid"):
        made.append((clock.now(), await customer(crm, name)))
    await crm.jobs.run_due()
    events, weeds.DONE[:] = list(weeds.DONE), []
    done = (await asked(crm, REPLAY, handler="weeds.tell", since=wire(made[1][0]), until=wire(made[2][0])))["done"]
    assert ("Job", "jobs.replay_events", "WAITING") == (done["__typename"], done["name"], done["state"])
    await crm.jobs.run_due()
    assert events[1:2] == weeds.DONE
    found = (await asked(crm, ONE, id=done["id"]))["job"]
    assert ("DONE", "1 events") == (found["state"], found["progress"]["text"])
    now = wire(clock.now())
    done = (await asked(crm, REPLAY, handler="weeds.tel", since="2026-01-01T00:00:00Z"))["done"]
    assert ("VALIDATION", True) == (done["code"], "did you mean weeds.tell?" in done["message"])
    assert "VALIDATION" == (await asked(crm, REPLAY, handler="weeds.tell", since=now, until=now))["done"]["code"]
    assert "FORBIDDEN" == (await asked(crm, REPLAY, BOB, handler="weeds.tell", since=now))["done"]["code"]


async def test_jobs_that_ended_go_after_a_while(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that succeeded or were cancelled after a week, dead ones after ninety days; what waits stays. In batches."""
    states = {State.DONE: 8, State.CANCELLED: 8, State.DEAD: 8, State.READY: 200}
    for state, days in states.items():
        id = ids.parse(await put(crm), "job")
        at = micros(clock.now() - timedelta(days=days))
        await crm.database.execute("update crm_job set state = $2, ended_at = $3 where id = $1", id, state.value, at)
    await crm.put(crm.schedules["jobs.sweep"].call)
    await crm.jobs.run_due()
    left = "select distinct state from crm_job where name = 'weeds.pull' order by state"
    # What waited was done meanwhile.
    assert [State.DONE, State.DEAD] == [row[0] for row in await crm.database.fetch(left)]
    assert 1 == await swept(crm.database, (State.DEAD,), clock.now())
    await crm.database.execute("delete from crm_job")
    for n in range(5):
        await put(crm, row=n)
    await crm.database.execute("update crm_job set state = 5, ended_at = 1")
    monkeypatch.setattr("crmcore.jobs.sweep._BATCH", 2)
    assert 5 == await swept(crm.database, (State.DONE,), clock.now())


async def customer(crm: Crm, name: str) -> Any:
    """Make a customer."""
    fields = {"kind": "PERSON", "display_name": name}
    return await crm.run(Actor.system(), lambda work: actions.create(work, "customer", fields))


def wire(at: datetime) -> str:
    """Write an instant."""
    return at.isoformat()
