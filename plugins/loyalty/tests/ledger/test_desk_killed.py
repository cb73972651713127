"""A process that is killed while it posts groups leaves all of a group or nothing, and what it has acknowledged."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Accrual, Redemption
from crmcore_loyalty.ledger.keyed import id_of_key
from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.verifying import violations
from desk_process import asked, keyed
from ledger_stage import declined, run, stage

from crmcore import Actor, Row, ids
from crmcore.testing import TestCrm

#: So many are answered before the process is killed.
_ANSWERS = 60
_KEYS = "select actor, key from crm_idempotency_key"


async def test_a_killed_desk_leaves_whole_groups(crm: TestCrm) -> None:
    """What was acknowledged is there, what is asked again is a replay, and the ledger keeps its invariants."""
    it, seed = await stage(crm), 1
    members = [it.ada, *[await it.member() for _ in range(3)]]
    for who in members:
        await run(crm, lambda work, who=who: ledger.open_accounts(work, who))  # type: ignore[misc]
    groups, answers = await _killed(crm.database.url, it.currency_id, members, seed, "desk")
    there = await _there(crm)

    assert [] == [group for group in groups if len(there & set(group)) not in (0, len(group))]
    assert max(map(len, groups)) > 1
    assert [] == [one for one in answers if asked(it.currency_id, members, seed, *one[:2]).id not in there]
    for client, turn, outcome in answers:
        code = await declined(_posted(crm, asked(it.currency_id, members, seed, client, turn)))
        assert outcome == ("done" if code is None else "declined")
    assert there == await _there(crm)
    assert [] == [one.shown async for one in violations(crm.database)]
    assert [] == [one.shown async for one in replayed(crm.database)]


async def test_a_killed_process_leaves_whole_groups_with_their_keys(crm: TestCrm) -> None:
    """Of several people: a transaction is there with its key or not at all, and whoever asks again is told the same."""
    it, seed = await stage(crm), 2
    members = [it.ada, *[await it.member() for _ in range(3)]]
    for who in members:
        await run(crm, lambda work, who=who: ledger.open_accounts(work, who))  # type: ignore[misc]
    groups, answers = await _killed(crm.database.url, it.currency_id, members, seed, "keys")
    there = await _there(crm)
    kept = {id_of_key(Actor.system(actor), key) for actor, key in await crm.database.fetch(_KEYS)}

    assert there == kept
    assert [] == [group for group in groups if len(there & set(group)) not in (0, len(group))]
    assert max(map(len, groups)) > 1
    for client, turn, outcome in answers:
        by, text, key = keyed(it.currency_id, members, seed, client, turn)
        again = (await crm.execute(text, actor=by))["data"]["it"]
        id = id_of_key(by, key)
        assert ({"id": ids.encode("loyalty_transaction", id)} if outcome == "done" else {"code": "DECLINED"}) == again
        assert id in there
    assert there == await _there(crm)
    assert [] == [one.shown async for one in violations(crm.database)]
    assert [] == [one.shown async for one in replayed(crm.database)]


async def _killed(
    url: str, currency_id: UUID, members: Sequence[UUID], seed: int, how: str
) -> tuple[list[list[UUID]], list[tuple[int, int, str]]]:
    """Run the process and kill it; return the groups it began, and its answers."""
    script = Path(__file__).with_name("desk_process.py")
    values = (url, str(currency_id), ",".join(map(str, members)), str(seed), how)
    process = await asyncio.create_subprocess_exec(sys.executable, script, *values, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    groups: list[list[UUID]] = []
    answers: list[tuple[int, int, str]] = []
    async for line in process.stdout:
        kind, *said = line.decode().split()
        if kind == "group":
            groups.append([UUID(id) for id in said])
        else:
            answers.append((int(said[0]), int(said[1]), kind))
        if len(answers) == _ANSWERS and process.returncode is None:
            process.kill()
    await process.wait()
    assert len(answers) >= _ANSWERS, "The process ended before it was killed."
    return groups, answers


async def _posted(crm: TestCrm, one: Accrual | Redemption) -> Row:
    if isinstance(one, Accrual):
        return await run(crm, lambda work: ledger.accrue(work, one))
    return await run(crm, lambda work: ledger.redeem(work, one))


async def _there(crm: TestCrm) -> set[UUID]:
    return {id for (id,) in await crm.database.fetch("select id from loyalty_transaction")}
