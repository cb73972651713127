"""Subscriptions within the process: nothing is left out, nothing comes twice, and what is the same is read once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from contextvars import Context
from typing import Annotated, Any
from uuid import UUID

import pytest
import strawberry

from crmcore import Actor, Crm, Ref, Run, extend, hookimpl, job
from crmcore.access.actor import Access, ActorType, Scope
from crmcore.entities import actions
from crmcore.errors import Invalid, NotFound, Unavailable
from crmcore.events.live import live
from crmcore.graphql.subscriptions import audience as audience_module
from crmcore.graphql.subscriptions import audiences as audiences_module
from crmcore.interactions.events import InteractionLogged

LIMIT = 10.0
SYSTEM = Actor.system()
CHANGES = "subscription($after: String) { changes(after: $after, entities: [CUSTOMER]) { cursor recordId } }"


@live(InteractionLogged)
def follow_broken(event: InteractionLogged) -> bool:
    """A subscription whose function fails."""
    msg = "broken"
    raise RuntimeError(msg)


@live(InteractionLogged)
def follow_customer(event: InteractionLogged, id: Annotated[UUID, Ref("customer"), "Which."]) -> bool:
    """What was logged of one customer."""
    return event.customer_id == id


@strawberry.field(description="Who asks.")
def follow_asker(info: strawberry.Info[Any, Any]) -> str:
    """A field that only Python knows."""
    return str(info.context.actor.label)


@job()
async def counted(run: Run, steps: int) -> None:
    """Say how far it is."""
    for step in range(1, steps + 1):
        await run.progress(step / steps, f"{step} of {steps}")


class Follow:
    """A plugin with subscriptions of its own."""

    plugin_name = "follow"

    @hookimpl
    def crm_graphql(self) -> list[object]:
        """Give them."""
        return [follow_broken, follow_customer, extend("Customer", follow_asker)]

    @hookimpl
    def crm_jobs(self) -> list[object]:
        """Give a job."""
        return [counted]


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin."""
    return (Follow(),)


async def create(crm: Crm, name: str, actor: Actor = SYSTEM, **values: Any) -> UUID:
    """Make a customer."""

    async def unit(work: Any) -> UUID:
        row = await actions.create(work, "customer", {"kind": "PERSON", "family_name": name, **values})
        id: UUID = row["id"]
        return id

    return await crm.run(actor, unit)


class Following:
    """A subscription that is read in the background."""

    def __init__(self, crm: Crm, text: str = CHANGES, actor: Actor = SYSTEM, **variables: Any) -> None:
        self.crm, self.answers = crm, list[dict[str, Any]]()
        self._text, self._actor, self._variables = text, actor, variables
        self.task = asyncio.create_task(self._read())

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes so far."""
        return [next(iter(answer["data"].values())) for answer in self.answers]

    async def have(self, count: int) -> list[dict[str, Any]]:
        """Wait until there are so many; there must not be more."""
        async with asyncio.timeout(LIMIT):
            while len(self.answers) < count:
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.005)
        assert count == len(self.answers)
        return self.changes

    async def _read(self) -> None:
        async with aclosing(self.crm.subscribe(self._text, self._variables, actor=self._actor)) as answers:  # type: ignore[type-var]
            async for answer in answers:
                self.answers.append(answer)


async def ready(crm: Crm, count: int) -> None:
    """Wait until so many subscriptions are served as things happen."""
    async with asyncio.timeout(LIMIT):
        while sum(member.task is None for member in crm.audiences._of) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def quiet(crm: Crm) -> None:
    """Wait until everybody was served all there is."""
    end = (await crm.feed.read(None, limit=10_000)).events[-1].cursor
    async with asyncio.timeout(LIMIT):
        while any(audience.done < end for audience in crm.audiences._by_rules.values()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture
async def following(crm: Crm) -> AsyncIterator[Any]:
    """A function that begins subscriptions, which end with the test."""
    begun: list[Following] = []

    def begin(*args: Any, **options: Any) -> Following:
        begun.append(Following(crm, *args, **options))
        return begun[-1]

    yield begin
    for one in begun:
        one.task.cancel()
    if begun:
        await asyncio.wait([one.task for one in begun])


async def test_no_gap_and_nothing_twice(crm: Crm, following: Any) -> None:
    """Whoever subscribes amid writes, now or after a cursor, gets every change since exactly once and in order."""
    start = await crm.feed.end()
    everything = following(after=str(start))
    await ready(crm, 1)
    late: list[Following] = []

    async def write(number: int) -> None:
        for step in range(15):
            await create(crm, f"{number}-{step}")

    async def join() -> None:
        for count in (3, 15, 30):
            async with asyncio.timeout(LIMIT):
                while len(everything.answers) < count:  # noqa: ASYNC110
                    await asyncio.sleep(0)
            late.append(following(after=everything.changes[count - 3]["cursor"]))

    await asyncio.gather(*map(write, range(4)), join())
    changes = await everything.have(60)
    cursors = [change["cursor"] for change in changes]
    assert 60 == len({change["recordId"] for change in changes})
    for one, count in zip(late, (3, 15, 30), strict=True):
        assert cursors[count - 2 :] == [change["cursor"] for change in await one.have(60 - count + 2)]


async def test_what_happens_before_the_database_has_answered_is_heard(
    crm: Crm, following: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever subscribes hears of all that this process commits from then on, and of nothing that was before."""
    really, gate = crm.feed.end, asyncio.Event()

    async def slow(*args: Any) -> Any:
        await gate.wait()
        return await really(*args)

    await create(crm, "before")
    monkeypatch.setattr(crm.feed, "end", slow)
    first, second = following(), following()
    await asyncio.sleep(0)
    heard = [await create(crm, f"meanwhile {number}") for number in range(3)]
    with pytest.raises(Invalid):
        await create(crm, "refused", kind="NOBODY")
    gate.set()
    await ready(crm, 2)
    heard.append(await create(crm, "afterwards"))

    for one in (first, second):
        assert [f"customer_{id}" for id in heard] == [change["recordId"] for change in await one.have(4)]
    assert not crm.feed._marks


async def test_who_leaves_before_that_leaves_nothing(crm: Crm, following: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No notes are taken for them."""

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(crm.feed, "end", never)
    one = following()
    async with asyncio.timeout(LIMIT):
        while not crm.feed._marks:  # noqa: ASYNC110
            await asyncio.sleep(0)
    one.task.cancel()
    await asyncio.wait([one.task])
    async with asyncio.timeout(LIMIT):
        while crm.feed._marks:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_overtaken_before_joining(crm: Crm, following: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed after somebody's last reading and before they are served with others is not left out."""
    start = await crm.feed.end()
    other = following()
    await ready(crm, 1)
    first = await create(crm, "Ada")
    await other.have(1)
    second: list[UUID] = []
    read = crm.feed.read

    async def overtaken(after: Any, *, limit: int = 500, **options: Any) -> Any:
        page = await read(after, limit=limit, **options)
        if limit == audiences_module._PAGE and not second:
            second.append(await create(crm, "Bea"))
            await other.have(2)
        return page

    monkeypatch.setattr(crm.feed, "read", overtaken)
    changes = await following(after=str(start)).have(2)
    assert [f"customer_{id}" for id in (first, *second)] == [change["recordId"] for change in changes]


async def test_overtaken_while_joining(crm: Crm, following: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens while somebody's last reading is made ready comes after it, and hides nothing of it."""
    start = await crm.feed.end()
    other = following()
    await ready(crm, 1)
    first = await create(crm, "Ada")
    await other.have(1)
    second: list[UUID] = []
    permitted = audiences_module.permitted

    async def slowly(*given: Any) -> Any:
        if not second:
            second.append(await create(crm, "Bea"))
            await other.have(2)
        return await permitted(*given)

    monkeypatch.setattr(audiences_module, "permitted", slowly)
    changes = await following(after=str(start)).have(2)
    assert [f"customer_{id}" for id in (first, *second)] == [change["recordId"] for change in changes]


async def test_far_behind(crm: Crm, following: Any) -> None:
    """Somebody who was away for longer than one reading gets all of it."""
    start = await crm.feed.end()

    async def unit(work: Any) -> None:
        for number in range(230):
            await actions.create(work, "customer", {"kind": "PERSON", "family_name": str(number)})

    await crm.run(SYSTEM, unit)
    changes = await following(after=str(start)).have(230)
    assert 230 == len({change["recordId"] for change in changes})


async def test_read_once(crm: Crm, following: Any) -> None:
    """However many subscribe to the same, a change is read as often as for one: the rules and the records once."""
    text = "subscription { changes(entities: [CUSTOMER]) { record { ... on Customer { displayName } } } }"
    counts = []
    for more in (1, 19):
        subscribed = [following(text) for _ in range(more)]
        await ready(crm, len(crm.audiences._of) if more == 1 and crm.audiences._of else 1 if more == 1 else 20)
        await quiet(crm)
        before = crm.database.watch.statements
        await create(crm, "Ada")
        for one in subscribed:
            await one.have(1)
        await quiet(crm)
        counts.append(crm.database.watch.statements - before)
    # Other processes are told, and the feed is looked at once more, at moments of their own.
    assert abs(counts[0] - counts[1]) <= 2, counts


async def test_own_rows(crm: Crm, following: Any) -> None:
    """Those whose rights reach their own records get those; with the same rights for all, people share one reading."""
    owner = await _person(crm, "owner")
    own = Access(scopes={"customer:read": Scope.OWN})
    mine = Actor(ActorType.USER, "user_a", "A", owner, access=own)
    other = Actor(ActorType.USER, "user_b", "B", await _person(crm, "other"), access=own)
    viewers = [
        Actor(ActorType.USER, f"user_{n}", n, UUID(int=n), access=Access(scopes={"customer:read": Scope.ALL}))
        for n in range(1, 3)
    ]
    first, second, *others = [following(CHANGES, actor) for actor in (mine, other, *viewers)]
    await ready(crm, 4)
    assert 3 == len(crm.audiences._by_rules)
    await create(crm, "Ada", owner_id=owner)
    for one in (first, *others):
        await one.have(1)
    await quiet(crm)
    assert [] == second.answers


async def test_new_rights(crm: Crm, following: Any) -> None:
    """When rights change, what was not served yet is served by the new ones, and nothing is left out between."""
    one = following()
    await ready(crm, 1)
    await create(crm, "Ada")
    await one.have(1)
    (member,) = crm.audiences._of
    nothing = Actor(ActorType.USER, "user_x", "X", UUID(int=1), access=Access())
    crm.audiences.reconsider(member, nothing)
    await ready(crm, 1)
    await create(crm, "Bea")
    await quiet(crm)
    crm.audiences.reconsider(member, SYSTEM)
    cleo = await create(crm, "Cleo")
    changes = await one.have(2)
    assert str(cleo) in changes[1]["recordId"]


async def test_overrun(crm: Crm, following: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """More at once than can be served together is read by each at its own pace; nothing is lost and nothing kept in memory."""
    monkeypatch.setattr(audience_module, "_LONGEST", 10)
    one = following()
    await ready(crm, 1)

    async def unit(work: Any) -> None:
        for number in range(50):
            await actions.create(work, "customer", {"kind": "PERSON", "family_name": str(number)})

    await crm.run(SYSTEM, unit)
    assert 50 == len({change["recordId"] for change in await one.have(50)})


async def test_records(crm: Crm, following: Any) -> None:
    """`customerChanged` is about one record, and `dealMoved` about the deals of one pipeline."""
    ada, bea = await create(crm, "Ada"), await create(crm, "Bea")
    one = following(
        "subscription($id: ID!) { customerChanged(id: $id) { type fields { name after } } }", id=f"customer_{ada}"
    )
    await ready(crm, 1)

    async def unit(work: Any) -> None:
        for id in (bea, ada):
            await actions.update(work, "customer", id, {"family_name": "New"})

    await crm.run(SYSTEM, unit)
    (change,) = await one.have(1)
    assert "CUSTOMER_UPDATED" == change["type"]
    assert {"name": "familyName", "after": "New"} in change["fields"]


async def test_deal_moved(crm: Crm, following: Any) -> None:
    """`dealMoved` is about the deals of one pipeline."""
    stages = await crm.execute("{ pipelines { nodes { id stages { nodes { id } } } } }", actor=SYSTEM)
    pipeline = stages["data"]["pipelines"]["nodes"][0]
    first, second = [stage["id"] for stage in pipeline["stages"]["nodes"][:2]]
    one = following("subscription($id: ID!) { dealMoved(pipelineId: $id) { type details } }", id=pipeline["id"])
    await ready(crm, 1)
    ada = await create(crm, "Ada")
    made = await crm.execute(
        "mutation($v: CreateDealInput!) { createDeal(data: $v) { ... on Deal { id } ... on Problem { message } } }",
        {"v": {"name": "One", "customerId": f"customer_{ada}", "stageId": first}},
        actor=SYSTEM,
    )
    moved = await crm.execute(
        "mutation($id: ID!, $to: ID!) { moveDeal(id: $id, stageId: $to) { __typename } }",
        {"id": made["data"]["createDeal"]["id"], "to": second},
        actor=SYSTEM,
    )
    assert "Deal" == moved["data"]["moveDeal"]["__typename"]
    (change,) = await one.have(1)
    assert (first, second) == (change["details"]["fromStageId"], change["details"]["toStageId"])


async def test_plugin(crm: Crm, following: Any) -> None:
    """A plugin's subscription picks its events; one whose function fails is ended with an incident, and only that one."""
    ada = await create(crm, "Ada")
    one = following("subscription($id: ID!) { followCustomer(id: $id) { type } }", id=f"customer_{ada}")
    broken = following("subscription { followBroken { type } }")
    await ready(crm, 2)
    answer = await crm.execute(
        "mutation($v: CreateInteractionInput!) { createInteraction(data: $v) { __typename ... on Problem { message } } }",
        {
            "v": {
                "customerId": f"customer_{ada}",
                "kind": "NOTE",
                "subject": "Hello",
                "status": "COMPLETED",
                "occurredAt": "2026-01-31T09:30:00Z",
            }
        },
        actor=SYSTEM,
    )
    assert "Interaction" == answer["data"]["createInteraction"]["__typename"], answer
    await one.have(1)
    async with asyncio.timeout(LIMIT):
        await asyncio.wait([broken.task])
    assert isinstance(broken.task.exception(), RuntimeError)


async def test_python_fields(crm: Crm, following: Any) -> None:
    """Fields with resolvers of their own are answered for each subscriber as that one."""
    text = "subscription { changes(entities: [CUSTOMER]) { record { ... on Customer { displayName followAsker } } } }"
    one, other = following(text), following(text, Actor.system("other"))
    await ready(crm, 2)
    await create(crm, "Ada")
    for following_, label in ((one, SYSTEM.label), (other, "other")):
        (change,) = await following_.have(1)
        assert {"displayName": "Ada", "followAsker": label} == change["record"]


async def test_refused(crm: Crm, following: Any) -> None:
    """A cursor of another database is refused, as is what is no subscription."""
    ahead = following(after="7fff-0-0")
    query = following("{ me { id } }")
    await asyncio.wait([ahead.task, query.task], timeout=LIMIT)
    for one in (ahead, query):
        assert isinstance(one.task.exception(), Invalid)


async def test_stop(crm: Crm, following: Any) -> None:
    """A CRM that stops tells its subscribers to begin again."""
    one = following()
    await ready(crm, 1)
    await crm.audiences.close()
    await asyncio.wait([one.task])
    assert isinstance(one.task.exception(), Unavailable)


async def test_waits_for_older_transactions(crm: Crm, following: Any) -> None:
    """What commits while an older transaction is open comes when that ends, though nobody says that it did."""
    if crm.database.dialect == "sqlite":
        return
    one = following()
    await ready(crm, 1)
    async with crm.database.transaction():
        await crm.database.fetch("select pg_current_xact_id()")
        other = crm.like(crm.settings)
        await other.start()
        await asyncio.create_task(create(other, "Ada"), context=Context())
        await other.stop()
        await asyncio.sleep(0.1)
        assert [] == one.answers
    async with asyncio.timeout(1.0):  # long before it would look by itself
        await one.have(1)


async def _person(crm: Crm, name: str) -> UUID:
    async def unit(work: Any) -> UUID:
        row = await actions.create(work, "user", {"email": f"{name}@example.org", "name": name})
        id: UUID = row["id"]
        return id

    return await crm.run(SYSTEM, unit)


async def test_job_progress(crm: Crm, following: Any) -> None:
    """A job is shown as it stands, again when that changes, and no more once it has ended; others' jobs are not shown."""
    async with asyncio.timeout(LIMIT):
        id = await crm.put(counted(steps=2))
        text = "subscription($id: ID!) { jobProgress(id: $id) { state progress { share text } } }"
        one = following(text, id=f"job_{id}")
        stranger = Actor(ActorType.USER, "user_x", "X", UUID(int=1), access=Access())
        other = following(text, stranger, id=f"job_{id}")
        while not one.answers:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await crm.jobs.run_due()
        await one.task
        await asyncio.wait([other.task])
    assert "WAITING" == one.changes[0]["state"]
    assert {"state": "DONE", "progress": {"share": 1.0, "text": "2 of 2"}} == one.changes[-1]
    assert isinstance(other.task.exception(), NotFound)
