"""Many calls of one transaction are written together, and nobody can tell."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import Scope
from crmcore.database import Contention, Database, ids
from crmcore.entities import actions
from crmcore.entities.lots import in_lots
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Duplicate, Forbidden, Refusal
from crmcore.events import Created, inside
from crmcore.testing.queries import assert_queries
from tests.entities.conftest import Open, actor

Person = Callable[[str], Awaitable[UUID]]


async def _codes(database: Database) -> list[str]:
    return [row[0] for row in await database.fetch("select code from gadget order by code")]


def _kinds(outcomes: list[Any]) -> list[str]:
    return [type(outcome).__name__ if isinstance(outcome, Refusal) else "done" for outcome in outcomes]


async def test_many_records_take_one_statement(open_work: Open, database: Database) -> None:
    """A hundred records of two entities, each linked to one of the same lot, are two statements between those of a savepoint."""

    async def make(work: Work, n: int) -> Row:
        gadget = await actions.create(work, "gadget", {"name": "g", "code": f"{n:03}"})
        return await actions.create(work, "part", {"gadget_id": gadget["id"], "name": "p"})

    async with open_work() as work:
        with assert_queries(database, 2):
            outcomes = await in_lots(work, range(100), partial(make, work))
    assert ["done"] * 100 == _kinds(outcomes)
    assert 100 == await database.fetch_value("select count(*) from part p join gadget g on g.id = p.gadget_id")
    assert [f"{n:03}" for n in range(100)] == [e.after["code"] for e in work.events if e.entity == "gadget"]  # type: ignore[attr-defined]


async def test_whoever_reads_sees_what_is_held_back(open_work: Open) -> None:
    """By a statement of their own, by `find`, by `get`, and as the target of a link; a record that was deleted is gone."""
    seen: list[Any] = []

    async def make(work: Work, n: int) -> None:
        gadget = await actions.create(work, "gadget", {"name": f"g{n}", "code": str(n)})
        seen.append([row["name"] for row in await work.find("gadget", code=str(n))])
        changed = await actions.update(work, "gadget", gadget["id"], {"count": n})
        seen.append((changed["version"], (await work.get("gadget", gadget["id"]))["count"]))
        if n == 2:
            await actions.delete(work, "gadget", gadget["id"])
        seen.append(len(await work.rows("select 1 from gadget where count = $1 and deleted_at is null", n)))
        seen.append(len(await work.find("gadget", code=str(n))))

    async with open_work() as work:
        await in_lots(work, [1, 2], partial(make, work))
    assert [["g1"], (2, 1), 1, 1, ["g2"], (2, 2), 0, 0] == seen


async def test_a_refused_call_leaves_nothing(open_work: Open, database: Database, person: Person) -> None:
    """What it made, changed and emitted goes; the others stay, and their events."""
    bo = await person("Bo")

    async def make(work: Work, name: str) -> None:
        gadget = await actions.create(work, "gadget", {"name": f"of {name}", "code": name, "owner_id": bo})
        await work.change("person", bo, {"name": name})
        await actions.update(work, "gadget", gadget["id"], {"name": name})

    async with open_work() as work:
        outcomes = await in_lots(work, ["a", "forbidden", "b"], partial(make, work))
    assert ["done", "Invalid", "done"] == _kinds(outcomes)
    assert ["a", "b"] == await _codes(database)
    assert "b" == await database.fetch_value("select name from person")
    assert ["created", "updated"] * 2 == [type(event).__name__.lower() for event in work.events]


async def test_the_database_refuses_only_whom_it_must(open_work: Open, database: Database) -> None:
    """Of fifty records one has a key that is taken and one that another of them has: these two are refused, as if alone."""
    async with open_work() as work:
        await actions.create(work, "gadget", {"name": "g", "code": "007"})

    async def make(work: Work, n: int) -> Row:
        return await actions.create(work, "gadget", {"name": "g", "code": f"{11 if n == 33 else n:03}"})

    async with open_work() as work:
        outcomes = await in_lots(work, range(50), partial(make, work))
    assert {7, 33} == {n for n, outcome in enumerate(outcomes) if isinstance(outcome, Duplicate)}
    assert "Another gadget already has code 011." == str(outcomes[33])
    assert 49 == len(await _codes(database))
    assert 48 == len(work.events)


async def test_a_strict_lot_ends_with_the_first_refusal(open_work: Open) -> None:
    """Even if a later one was refused before the database had a say."""

    async def make(work: Work, code: str) -> Row:
        return await actions.create(work, "gadget", {"name": "forbidden" if code == "x" else "g", "code": code})

    async with open_work() as work:
        outcomes = await in_lots(work, ["a", "b", "a", "x"], partial(make, work), strict=True)
    assert ["done", "done", "Duplicate"] == _kinds(outcomes)


async def test_a_savepoint_inside_can_fail_alone(open_work: Open, database: Database) -> None:
    """What was made in it goes, what was made before and after stays."""

    async def make(work: Work, code: str) -> None:
        await actions.create(work, "gadget", {"name": "g", "code": code})
        with suppress(Duplicate):
            async with work.savepoint():
                await actions.create(work, "gadget", {"name": "g", "code": f"{code}2"})
                await actions.create(work, "gadget", {"name": "g", "code": code})
        await actions.create(work, "gadget", {"name": "g", "code": f"{code}3"})

    async with open_work() as work:
        assert ["done", "done"] == _kinds(await in_lots(work, ["a", "b"], partial(make, work)))
    assert ["a", "a3", "b", "b3"] == await _codes(database)
    assert 4 == len(work.events)


async def test_who_links_to_a_later_row_is_written_after_it(open_work: Open, database: Database) -> None:
    """Rows of one entity are written by several statements where others of the lot stand between them."""

    async def make(work: Work, n: int) -> None:
        who = None
        if n:
            who = ids.new()
            await work.insert("person", {"id": who, "name": str(n)})
        await actions.create(work, "gadget", {"name": "g", "code": str(n), "owner_id": who})

    async with open_work() as work:
        with assert_queries(database, 3):
            assert ["done"] * 3 == _kinds(await in_lots(work, range(3), partial(make, work)))
    assert 2 == await database.fetch_value("select count(*) from gadget g join person p on p.id = g.owner_id")


async def test_rights_are_asked_for_all_of_them(open_work: Open, database: Database, person: Person) -> None:
    """Somebody who may make what is theirs is refused exactly what would be another's."""
    ana, bo = await person("Ana"), await person("Bo")

    async def make(work: Work, owner: UUID) -> Row:
        return await actions.create(work, "gadget", {"name": "g", "owner_id": owner})

    scopes = {"gadget:create": Scope.OWN, "gadget:read": Scope.OWN, "person:read": Scope.ALL}
    who = actor(scopes, user_id=ana)
    async with open_work(who) as work:
        outcomes = await in_lots(work, [ana, bo, ana], partial(make, work))
    assert 2 == await database.fetch_value("select count(*) from gadget")
    assert isinstance(outcomes[1], Forbidden)


async def test_a_handler_is_told_of_each_and_may_veto(open_work: Open, database: Database) -> None:
    """It finds the record that it is told of, and its veto refuses that call alone."""

    async def veto(work: Work, event: Created) -> None:
        (row,) = await work.find(event.entity, id=event.record_id)
        if row["code"] == "b":
            msg = "Not this one."
            raise Forbidden(msg)

    async def make(work: Work, code: str) -> Row:
        return await actions.create(work, "gadget", {"name": "g", "code": code})

    async with open_work(handlers=(inside(Created, veto),)) as work:
        assert ["done", "Forbidden", "done"] == _kinds(await in_lots(work, ["a", "b", "c"], partial(make, work)))
    assert ["a", "c"] == await _codes(database)


async def test_a_refusal_that_somebody_caught_is_found_out(open_work: Open, database: Database) -> None:
    """Whoever catches what the database said, and goes on, loses no other's work."""

    async def make(work: Work, code: str) -> None:
        await actions.create(work, "gadget", {"name": "g", "code": code})
        with suppress(Exception):
            await work.rows("select count(*) from gadget")
        await work.rows("select 1")

    async with open_work() as work:
        outcomes = await in_lots(work, ["a", "b", "a", "c"], partial(make, work))
    assert ["done", "done", "Duplicate", "done"] == _kinds(outcomes)
    assert ["a", "b", "c"] == await _codes(database)


async def test_a_passing_reason_ends_all(open_work: Open) -> None:
    """It is nobody's refusal: the whole unit is done again."""

    async def make(_: int) -> None:
        msg = "Not now."
        raise Contention(msg)

    with pytest.raises(Contention):
        async with open_work() as work:
            await in_lots(work, [1, 2], make)


async def test_what_a_savepoint_made_goes_with_it(open_work: Open, database: Database) -> None:
    """Whatever ended it; it was not written yet, and never is."""

    async def make(work: Work, code: str) -> None:
        with suppress(KeyError):
            async with work.savepoint():
                await actions.create(work, "gadget", {"name": "g", "code": f"{code}2"})
                raise KeyError
        await actions.create(work, "gadget", {"name": "g", "code": code})

    async with open_work() as work:
        assert ["done", "done"] == _kinds(await in_lots(work, ["a", "b"], partial(make, work)))
    assert ["a", "b"] == await _codes(database)


async def test_a_statement_that_writes_finds_what_is_held_back(open_work: Open, database: Database) -> None:
    """Whatever it names, since it might need what is not named; what was read before is read again."""

    async def make(work: Work, code: str) -> Any:
        gadget = await actions.create(work, "gadget", {"name": "g", "code": code})
        before = await work.find("gadget", code=code)
        sql = "insert into part (id, version, created_at, updated_at, created_by, updated_by, gadget_id, name) "
        values = work.stamps(work.entities["part"], created=True) | {
            "id": ids.new(),
            "gadget_id": gadget["id"],
            "name": "p",
        }
        names = ("id", "version", "created_at", "updated_at", "created_by", "updated_by", "gadget_id", "name")
        await work.database.execute(sql + "values ($1, $2, $3, $4, $5, $6, $7, $8)", *(values[name] for name in names))
        await work.database.execute("update gadget set count = 3 where code = $1", code)
        return [row["count"] for row in (*before, *await work.find("gadget", code=code))]

    async with open_work() as work:
        assert [[None, 3], [None, 3]] == await in_lots(work, ["a", "b"], partial(make, work))


async def test_what_was_read_is_read_again_once_somebody_wrote(open_work: Open, person: Person) -> None:
    """Equal questions are asked once, until a statement names the table; a change that is held back is seen at once."""
    bo = await person("Bo")

    async def make(work: Work, name: str) -> list[Any]:
        seen = [(await work.find("person", id=bo))[0]["name"]]
        await work.database.execute("update person set name = $1", name)
        seen.append((await work.find("person", id=bo))[0]["name"])
        await work.change("person", bo, {"name": f"{name}!"})
        return [*seen, (await work.find("person", id=bo))[0]["name"]]

    async with open_work() as work:
        assert [["Bo", "a", "a!"], ["a!", "b", "b!"]] == await in_lots(work, ["a", "b"], partial(make, work))


async def test_the_first_refusal_counts(open_work: Open) -> None:
    """A call that the database would have refused before its last rule did is refused for the database's reason."""

    async def make(work: Work, code: str) -> None:
        await actions.create(work, "gadget", {"name": "g", "code": code})
        await actions.create(work, "gadget", {"name": "g" if code == "b" else "forbidden"})

    async with open_work() as work:
        await actions.create(work, "gadget", {"name": "g", "code": "a"})
        outcomes = await in_lots(work, ["b", "a", "c"], partial(make, work))
    assert ["done", "Duplicate", "Invalid"] == _kinds(outcomes)
