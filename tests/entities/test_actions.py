"""The verbs every entity has."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from crmcore.access.actor import EVERYTHING, Actor, ActorType, Effect, Scope
from crmcore.database import Database, ids
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import Conflict, Duplicate, Forbidden, InUse, Invalid, NotFound, Refusal
from crmcore.events import Created, Deleted, Destroyed, Event, Restored, Updated, inside
from tests.entities.conftest import Open, actor


async def make(open_work: Open, who: Actor | None = None, **values: Any) -> dict[str, Any]:
    async with open_work(who) as work:
        return await actions.create(work, "gadget", {"name": "lamp", **values})


def codes(refusal: Refusal) -> list[tuple[str, str]]:
    return [(v.path, v.code) for v in refusal.violations]


async def test_a_created_record_reads_as_it_was_given(open_work: Open) -> None:
    """Every kind of value comes back from the database as it went in."""
    values = {"name": "灯 💡", "size": "LARGE", "shape": "ROUND", "count": 3, "price": 1999, "price_currency": "EUR"}
    made = await make(open_work, **values, extra={"a": [1, None, "é"]}, maker="Ana")
    async with open_work() as work:
        found = await work.get("gadget", made["id"])

    assert made == found


async def test_a_new_record_is_stamped(open_work: Open) -> None:
    """Version one, the same instant for created and updated, and who did it."""
    made = await make(open_work)

    assert (1, made["updated_at"], {"type": "USER", "id": "user_1", "label": "Ana"}) == (
        made["version"],
        made["created_at"],
        made["created_by"],
    )


async def test_a_client_may_supply_the_id(open_work: Open) -> None:
    """The id given is the id kept."""
    id = ids.new()

    assert id == (await make(open_work, id=id))["id"]


async def test_an_id_that_is_taken_is_refused(open_work: Open) -> None:
    """The primary key counts as a unique key."""
    id = (await make(open_work))["id"]

    with pytest.raises(Duplicate):
        await make(open_work, id=id)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": None}, ("name", "REQUIRED")),
        ({"name": "  "}, ("name", "REQUIRED")),
        ({"name": 5}, ("name", "WRONG_TYPE")),
        ({"name": "x" * 21}, ("name", "TOO_LONG")),
        ({"name": "a\x00"}, ("name", "MALFORMED")),
        ({"size": "HUGE"}, ("size", "UNKNOWN_VALUE")),
        ({"shape": "CUBE"}, ("shape", "UNKNOWN_VALUE")),
        ({"count": -1}, ("count", "TOO_SMALL")),
        ({"count": 11}, ("count", "TOO_LARGE")),
        ({"count": True}, ("count", "WRONG_TYPE")),
        ({"price": 5}, ("price", "NO_CURRENCY")),
        ({"price": 5, "price_currency": "ZZZ"}, ("priceCurrency", "MALFORMED")),
        ({"price": -5, "price_currency": "EUR"}, ("price", "TOO_SMALL")),
        ({"price": 2**63, "price_currency": "EUR"}, ("price", "TOO_LARGE")),
        ({"checked_at": datetime(2026, 1, 1)}, ("checkedAt", "READ_ONLY")),
        ({"extra": {"a": float("nan")}}, ("extra", "MALFORMED")),
        ({"extra": "\ud800"}, ("extra", "MALFORMED")),
        ({"extra": "\x00"}, ("extra", "MALFORMED")),
        ({"extra": "x" * 70_000}, ("extra", "TOO_LONG")),
        ({"colour": "red"}, ("colour", "UNKNOWN_FIELD")),
        ({"owner_id": ids.new()}, ("ownerId", "UNKNOWN_REFERENCE")),
        ({"name": "forbidden"}, ("name", "FORBIDDEN_NAME")),
    ],
)
async def test_what_a_declaration_does_not_allow_is_refused(
    open_work: Open, values: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Each rule of the declaration, and the entity's own, has its path and code."""
    with pytest.raises(Invalid) as caught:
        await make(open_work, **values)

    assert expected in codes(caught.value)


async def test_all_violations_are_reported_at_once(open_work: Open) -> None:
    """Whoever fills a form sees everything that is wrong with it."""
    with pytest.raises(Invalid) as caught:
        await make(open_work, name="x" * 21, count=-1, size="HUGE")

    assert [("name", "TOO_LONG"), ("count", "TOO_SMALL"), ("size", "UNKNOWN_VALUE")] == codes(caught.value)


async def test_an_import_may_tell_the_past(open_work: Open) -> None:
    """A trusted actor gives what is otherwise the server's to keep."""
    past = datetime.fromisoformat("2019-05-06T07:08:09Z")
    made = await make(
        open_work, Actor(ActorType.IMPORT, None, "import", access=EVERYTHING), created_at=past, checked_at=past
    )

    assert (past, past) == (made["created_at"], made["checked_at"])


async def test_an_update_changes_what_it_names_and_nothing_else(open_work: Open) -> None:
    """The rest of the row stays, the version grows by one."""
    made = await make(open_work, count=3)
    async with open_work() as work:
        changed = await actions.update(work, "gadget", made["id"], {"count": 4})

    assert ("lamp", 4, 2) == (changed["name"], changed["count"], changed["version"])


async def test_an_update_that_changes_nothing_writes_nothing(open_work: Open) -> None:
    """No version, no event: a second import leaves no trace."""
    made = await make(open_work, count=3)
    async with open_work() as work:
        same = await actions.update(work, "gadget", made["id"], {"count": 3, "name": " lamp "})

        assert (1, []) == (same["version"], work.events)


async def test_an_expected_version_that_is_past_is_refused(open_work: Open) -> None:
    """Who read version one cannot overwrite version two."""
    made = await make(open_work)
    async with open_work() as work:
        await actions.update(work, "gadget", made["id"], {"count": 1})

    with pytest.raises(Conflict, match="version 2, you expected 1"):
        async with open_work() as work:
            await actions.update(work, "gadget", made["id"], {"count": 2}, expected_version=1)


async def test_what_is_set_on_create_only_cannot_change(open_work: Open) -> None:
    """`write=CREATE` holds."""
    made = await make(open_work, maker="Ana")

    with pytest.raises(Invalid, match="cannot change after create"):
        async with open_work() as work:
            await actions.update(work, "gadget", made["id"], {"maker": "Bo"})


async def test_emptying_an_amount_empties_its_currency(open_work: Open) -> None:
    """There is no currency of nothing."""
    made = await make(open_work, price=5, price_currency="EUR")
    async with open_work() as work:
        changed = await actions.update(work, "gadget", made["id"], {"price": None})

    assert (None, None) == (changed["price"], changed["price_currency"])


async def test_a_deleted_record_is_gone_until_it_is_restored(open_work: Open) -> None:
    """Delete hides, restore brings back, the rest of the row is as it was."""
    made = await make(open_work)
    async with open_work() as work:
        await actions.delete(work, "gadget", made["id"])
    with pytest.raises(NotFound):
        async with open_work() as work:
            await work.get("gadget", made["id"])
    async with open_work() as work:
        back = await actions.restore(work, "gadget", made["id"])

    assert (3, None, "lamp") == (back["version"], back["deleted_at"], back["name"])


async def test_the_entity_can_forbid_deleting(open_work: Open) -> None:
    """`prepare` is asked for every verb."""
    made = await make(open_work, name="locked")

    with pytest.raises(Invalid, match="It is locked"):
        async with open_work() as work:
            await actions.delete(work, "gadget", made["id"])


async def test_a_unique_key_is_free_after_delete(open_work: Open) -> None:
    """Unique keys ignore deleted rows."""
    made = await make(open_work, code="A1")
    async with open_work() as work:
        await actions.delete(work, "gadget", made["id"])

    assert "A1" == (await make(open_work, code="A1"))["code"]


async def test_a_taken_key_is_refused_by_name(open_work: Open) -> None:
    """The refusal names field and value."""
    await make(open_work, code="A1")

    with pytest.raises(Duplicate, match="code A1"):
        await make(open_work, code="A1")


async def test_restoring_into_a_taken_key_is_refused(open_work: Open) -> None:
    """Two live rows never share a key."""
    made = await make(open_work, code="A1")
    async with open_work() as work:
        await actions.delete(work, "gadget", made["id"])
    await make(open_work, code="A1")

    with pytest.raises(Duplicate):
        async with open_work() as work:
            await actions.restore(work, "gadget", made["id"])


async def test_destroying_takes_what_hangs_on_it(open_work: Open, database: Database) -> None:
    """Parts go by foreign key, notes on any record because we see to it."""
    made = await make(open_work)
    async with open_work() as work:
        await actions.create(work, "part", {"gadget_id": made["id"], "name": "bulb"})
        await actions.create(work, "note", {"subject_id": made["id"], "subject_type": "gadget", "text": "hm"})
    async with open_work() as work:
        await actions.destroy(work, "gadget", made["id"])

    assert [0, 0, 0] == [await database.fetch_value(f"select count(*) from {t}") for t in ("gadget", "part", "note")]


async def test_what_others_need_is_not_destroyed(open_work: Open) -> None:
    """A restricting link refuses, with the way out."""
    made = await make(open_work)
    async with open_work() as work:
        await actions.create(work, "use", {"gadget_id": made["id"]})

    with pytest.raises(InUse, match="still referred to"):
        async with open_work() as work:
            await actions.destroy(work, "gadget", made["id"])


async def test_upsert_creates_once_and_updates_after(open_work: Open) -> None:
    """The same key is the same record."""
    async with open_work() as work:
        first, created = await actions.upsert(work, "gadget", {"name": "lamp", "code": "A"}, on="CODE")
    async with open_work() as work:
        second, again = await actions.upsert(work, "gadget", {"name": "torch", "code": "A"}, on="CODE")

    assert (True, False, first["id"], "torch") == (created, again, second["id"], second["name"])


async def test_upsert_finds_a_key_as_it_is_stored(open_work: Open) -> None:
    """The key is cleaned before it is looked up, as it was before it was written."""
    async with open_work() as work:
        first, _ = await actions.upsert(work, "gadget", {"name": "lamp", "code": "A"}, on="CODE")
        second, created = await actions.upsert(work, "gadget", {"name": "lamp", "code": " A  "}, on="CODE")

    assert (False, first["id"]) == (created, second["id"])


async def test_a_part_cannot_move_to_a_gadget_one_may_not_change(open_work: Open, person: Any) -> None:
    """What guards the record is looked at before and after."""
    me = await person("me")
    mine, others = await make(open_work, owner_id=me), await make(open_work)
    who = actor({"gadget:read": Scope.ALL, "gadget:update": Scope.OWN}, user_id=me)
    async with open_work(who) as work:
        part = await actions.create(work, "part", {"gadget_id": mine["id"], "name": "bulb"})

    with pytest.raises(Forbidden):
        async with open_work(who) as work:
            await actions.update(work, "part", part["id"], {"gadget_id": others["id"]})


async def test_a_read_only_owner_is_still_set_by_the_server(open_work: Open, person: Any) -> None:
    """A field rule is about what clients give."""
    me = await person("me")
    scopes = {"gadget:create": Scope.ALL, "gadget:read": Scope.ALL, "person:read": Scope.ALL}
    who = actor(scopes, user_id=me, effects={("gadget", "ownerId"): Effect.READ_ONLY})

    assert me == (await make(open_work, who))["owner_id"]


async def test_upsert_by_an_unknown_or_empty_key_is_refused(open_work: Open) -> None:
    """The key must be declared and given whole."""
    async with open_work() as work:
        with pytest.raises(Invalid, match="has no key NAME; it has CODE"):
            await actions.upsert(work, "gadget", {"name": "x"}, on="NAME")
        with pytest.raises(Invalid, match="part of the key CODE"):
            await actions.upsert(work, "gadget", {"name": "x"}, on="CODE")


async def test_concurrent_upserts_of_one_key_make_one_record(open_work: Open, database: Database) -> None:
    """Who loses the race updates what the winner made."""

    async def one(name: str) -> None:
        async def unit() -> None:
            async with open_work() as work:
                await actions.upsert(work, "gadget", {"name": name, "code": "A"}, on="CODE")

        await database.retrying(unit)

    outcomes = await asyncio.gather(*(one(f"g{n}") for n in range(8)), return_exceptions=True)

    assert 1 == await database.fetch_value("select count(*) from gadget")
    assert all(o is None or isinstance(o, Conflict) for o in outcomes)


async def test_concurrent_updates_lose_nothing(open_work: Open, database: Database) -> None:
    """Read-modify-write through `get` and `update` counts every one."""
    made = await make(open_work, count=0)

    async def one() -> None:
        async def unit() -> None:
            async with open_work() as work:
                row = await work.get("gadget", made["id"], action="update")
                await actions.update(work, "gadget", made["id"], {"count": row["count"] + 1})

        await database.retrying(unit)

    await asyncio.gather(*(one() for _ in range(10)))

    assert 10 == await database.fetch_value("select count from gadget")


async def test_every_verb_tells_what_it_did(open_work: Open) -> None:
    """One event each, in order, with before and after."""
    seen: list[Event] = []

    async def note(work: Work, event: Event) -> None:
        seen.append(event)

    async with open_work(handlers=(inside(Event, note),), request_id="r1", idempotency_key="k1") as work:
        id = (await actions.create(work, "gadget", {"name": "lamp"}))["id"]
        await actions.update(work, "gadget", id, {"count": 1})
        await actions.delete(work, "gadget", id)
        await actions.restore(work, "gadget", id)
        await actions.destroy(work, "gadget", id)

    assert [Created, Updated, Deleted, Restored, Destroyed] == [type(e) for e in seen]
    assert {(id, "gadget", "r1", "k1")} == {(e.record_id, e.entity, e.request_id, e.idempotency_key) for e in seen}
    assert isinstance(seen[1], Updated)
    assert ({"count"}, None, 1) == (set(seen[1].changed), seen[1].before["count"], seen[1].after["count"])


async def test_an_inside_handler_can_veto(open_work: Open, database: Database) -> None:
    """What it raises undoes the change."""

    async def veto(work: Work, event: Created) -> None:
        msg = "Not today."
        raise Invalid(msg)

    with pytest.raises(Invalid, match="Not today"):
        async with open_work(handlers=(inside(Created, veto),)) as work:
            await actions.create(work, "gadget", {"name": "lamp"})

    assert 0 == await database.fetch_value("select count(*) from gadget")


async def test_a_savepoint_takes_its_events_along(open_work: Open) -> None:
    """What was undone was never said."""
    async with open_work() as work:
        await actions.create(work, "gadget", {"name": "kept"})
        with pytest.raises(RuntimeError):
            async with work.savepoint():
                await actions.create(work, "gadget", {"name": "undone"})
                raise RuntimeError
        names = [e.after["name"] for e in work.events if isinstance(e, Created)]

        assert ["kept"] == names


async def test_who_may_not_create_is_refused(open_work: Open) -> None:
    """No scope, no record."""
    with pytest.raises(Forbidden, match="gadget:create"):
        await make(open_work, actor({"gadget:read": Scope.ALL}))


async def test_who_owns_may_create_for_himself_only(open_work: Open, person: Any) -> None:
    """Scope OWN reaches the actor's own records; the owner is the actor unless somebody else is named."""
    me, other = await person("me"), await person("other")
    who = actor({"gadget:create": Scope.OWN, "gadget:read": Scope.OWN, "person:read": Scope.ALL}, user_id=me)
    made = await make(open_work, who)
    assert me == made["owner_id"]

    with pytest.raises(Forbidden):
        await make(open_work, who, owner_id=other)


async def test_what_one_may_not_see_does_not_exist(open_work: Open, person: Any) -> None:
    """NotFound, not Forbidden: the two must not be told apart."""
    me, other = await person("me"), await person("other")
    made = await make(open_work, owner_id=other)

    with pytest.raises(NotFound):
        async with open_work(actor({"gadget:read": Scope.OWN, "gadget:update": Scope.OWN}, user_id=me)) as work:
            await actions.update(work, "gadget", made["id"], {"count": 1})


async def test_what_one_may_see_and_not_change_is_forbidden(open_work: Open) -> None:
    """The refusal names the permission that is too narrow."""
    made = await make(open_work)

    with pytest.raises(Forbidden, match="gadget:update"):
        async with open_work(actor({"gadget:read": Scope.ALL})) as work:
            await actions.update(work, "gadget", made["id"], {"count": 1})


async def test_a_part_follows_its_gadget(open_work: Open, person: Any) -> None:
    """Who may not change the gadget may not add a part to it."""
    me = await person("me")
    made = await make(open_work)

    with pytest.raises(Forbidden):
        async with open_work(actor({"gadget:read": Scope.ALL, "gadget:update": Scope.OWN}, user_id=me)) as work:
            await actions.create(work, "part", {"gadget_id": made["id"], "name": "bulb"})


async def test_a_link_to_what_one_may_not_see_is_an_unknown_reference(open_work: Open, person: Any) -> None:
    """Ids of others' records cannot be probed by linking to them."""
    me, other = await person("me"), await person("other")
    made = await make(open_work, owner_id=other)

    with pytest.raises(Invalid) as caught:
        async with open_work(actor({"gadget:read": Scope.OWN, "gadget:update": Scope.ALL}, user_id=me)) as work:
            await actions.create(work, "part", {"gadget_id": made["id"], "name": "bulb"})

    assert [("gadgetId", "UNKNOWN_REFERENCE")] == codes(caught.value)


@pytest.mark.parametrize("effect", list(Effect))
async def test_a_field_under_a_rule_cannot_be_written(open_work: Open, effect: Effect) -> None:
    """Hidden, masked and read-only fields are all refused on write."""
    who = actor({"gadget:create": Scope.ALL, "gadget:read": Scope.ALL}, effects={("gadget", "count"): effect})

    with pytest.raises(Invalid) as caught:
        await make(open_work, who, count=1)

    assert [("count", "FIELD_FORBIDDEN")] == codes(caught.value)
