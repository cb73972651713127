"""What was committed gets a place in the log: once, in order, whoever is at it and whenever a process dies."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from crmcore_compliance.audit import note, retold, sequence, sequence_all
from crmcore_compliance.audit.heads import latest
from crmcore_compliance.audit.state import read_state
from crmcore_compliance.audit.verifying import problems

from crmcore import Actor
from crmcore.testing import TestCrm, crash_after

_ENTRIES = "select number, kind, type, record, body from compliance_audit_entry order by number"


async def entries(crm: TestCrm) -> list[dict[str, Any]]:
    """All entries, in order."""
    return await crm.database.fetch_dicts(_ENTRIES)


async def wrong(crm: TestCrm) -> list[str]:
    """What verification finds."""
    return [problem async for problem in problems(crm)]


async def test_each_change_becomes_an_entry(crm: TestCrm) -> None:
    """In the order of the feed, with who and when and which record, and with no value of it."""
    ada = await crm.make("customer", given_name="Ada", family_name="Byron")
    await sequence_all(crm)
    found = [one for one in await entries(crm) if one["record"] == ada.shown_id]

    body = json.loads(found[0]["body"])
    assert (["customer.created"], ada.shown_id) == ([one["type"] for one in found], body["record"])
    assert ("SYSTEM", "event", 64) == (body["by"], body["kind"], len(body["texts"]))
    assert not any("Byron" in one["body"] for one in found)


async def test_what_is_in_the_log_is_not_put_there_again(crm: TestCrm) -> None:
    """However often the sequencer looks."""
    await crm.make("customer")
    first = await sequence_all(crm)
    again = await sequence_all(crm)
    await crm.make("customer")
    await sequence_all(crm)

    numbers = [one["number"] for one in await entries(crm)]
    assert (True, 0, list(range(len(numbers)))) == (first > 0, again, numbers)
    assert [] == await wrong(crm)


async def test_small_batches_make_the_same_log(crm: TestCrm) -> None:
    """Each with a head of its own, which follows from the one before."""
    for _ in range(7):
        await crm.make("customer")
    while await sequence(crm, limit=3):
        pass
    heads = await crm.database.fetch("select size, previous from compliance_audit_head order by size")

    assert (True, "", []) == (len(heads) > 2, heads[0][1], await wrong(crm))


async def test_many_processes_make_one_log(crm: TestCrm) -> None:
    """Whoever comes too late leaves it alone."""
    for _ in range(5):
        await crm.make("customer")
    await asyncio.gather(*(sequence(crm, limit=2, holder=f"process {n}") for n in range(6)))
    state = await read_state(crm.database)
    assert 0 == await sequence(crm, holder="somebody else")

    await sequence_all(crm, holder=state.holder)
    numbers = [one["number"] for one in await entries(crm)]
    assert (list(range(len(numbers))), []) == (numbers, await wrong(crm))


async def test_one_process_may_be_at_it_twice(crm: TestCrm) -> None:
    """As a command beside the service: what the one has done the other leaves alone."""
    for _ in range(5):
        await crm.make("customer")
    await asyncio.gather(*(sequence(crm, limit=2) for _ in range(6)))
    await sequence_all(crm)

    numbers = [one["number"] for one in await entries(crm)]
    assert (list(range(len(numbers))), []) == (numbers, await wrong(crm))


@pytest.mark.parametrize("point", range(5))
async def test_a_batch_is_all_or_nothing(crm: TestCrm, monkeypatch: pytest.MonkeyPatch, point: int) -> None:
    """Whatever it was doing when it died: the next one finds the log whole, and goes on."""
    await crm.make("customer")
    await sequence_all(crm)
    await crm.make("customer")
    before = await entries(crm)
    place = ("_keep", "write_tail", "keep_head", "_mark", "told_again")[point]

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"crmcore_compliance.audit.sequencing.{place}", die)
        with pytest.raises(KeyboardInterrupt):
            await sequence(crm)
    assert (before, []) == (await entries(crm), await wrong(crm))

    await sequence_all(crm)
    assert (len(before) + 1, []) == (len(await entries(crm)), await wrong(crm))


async def test_notes_become_entries(crm: TestCrm) -> None:
    """With what is secret of them as a salted digest alone; a note of what was undone never was."""
    id = await note(crm.database, "keys.rotated", {"epoch": 3, "keys": ["a"]}, "a word")
    with crash_after("events"):

        async def unit(work: Any) -> None:
            await note(work.database, "keys.forgotten", {})
            await crm_make(work)

        await crm.run(Actor.system(), unit)
    await sequence_all(crm)

    (found,) = [json.loads(one["body"]) for one in await entries(crm) if one["kind"] == "note"]
    assert (str(id), {"epoch": 3, "keys": ["a"]}, "keys.rotated") == (found["id"], found["facts"], found["type"])
    assert ("a word" in str(found), 64) == (False, len(found["texts"]))


async def crm_make(work: Any) -> None:
    """Do something that has an event."""
    from crmcore import actions

    await actions.create(work, "customer", {"kind": "PERSON", "display_name": "Ada"})


async def test_what_the_log_has_not_told_of_is_kept(crm: TestCrm) -> None:
    """The feed's sweep asks how far the log has come."""
    await crm.make("customer")
    held = [await hold() for hold in crm.feed.holds]
    await sequence_all(crm)
    later = [await hold() for hold in crm.feed.holds]

    assert max(filter(None, later)) > min(filter(None, held))


async def test_heads_are_signed_over_all_there_is(crm: TestCrm) -> None:
    """By the plugin's key, for this log."""
    await crm.make("customer")
    await sequence_all(crm)
    head = await latest(crm.database)

    assert head is not None
    assert (len(await entries(crm)), (await read_state(crm.database)).log) == (head.size, head.log)


async def test_retold_events_wait_for_the_log(crm: TestCrm) -> None:
    """Events of which the log has not told at all need nothing told again."""
    ada = await crm.make("customer")
    await retold(crm.database, "customer", records=[ada["id"]])
    await sequence_all(crm)

    assert [] == await wrong(crm)
