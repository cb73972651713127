"""Is no row readable that must not be, and none unreadable that must be? And is all that was begun whole?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.audit.verifying import problems
from crmcore_compliance.keys.documents import is_signed
from crmcore_compliance.state import compliance_of

from crmcore import Crm, subjects
from crmcore.events.verify import verify
from faults.people import ACTOR, PLAIN, SECRET

__all__ = ["erased", "readable", "whole"]

_TABLES = {
    "sqlite": "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    "postgresql": "select tablename from pg_tables where schemaname = 'public'",
}


async def readable(crm: Crm, people: Sequence[tuple[int, UUID]]) -> list[str]:
    """Say what of people who live on cannot be read as it was written."""
    wrong = []
    for n, id in people:
        subject = await subjects.subject_of(crm.database, id)
        found = await subjects.records_of(crm.database, crm.entities, subject)
        texts = [
            repr([row async for row in subjects.rows_of(crm.database, crm.entities[name], found.get(name, ()))])
            for name in ("customer", "contact_point", "interaction")
        ]
        wrong += [f"person {n} cannot be read" for text in texts if SECRET.format(n).casefold() not in text.casefold()]
        wrong += [f"person {n} has lost plain data" for text in texts[::2] if PLAIN.format(n) not in text]
    return wrong


async def erased(crm: Crm, people: Sequence[tuple[int, UUID]]) -> list[str]:
    """Say what of people who were erased is left: words in tables, tokens, keys, values that open."""
    texts = {
        name: repr(await crm.database.fetch(f'select * from "{name}"')).casefold()
        for (name,) in await crm.database.fetch(_TABLES[crm.database.dialect])
    }
    wrong = []
    for n, id in people:
        words = (SECRET.format(n).casefold(), PLAIN.format(n))
        wrong += [f"{name} has words of person {n}" for name, text in texts.items() if any(w in text for w in words)]
        if await compliance_of(crm).keyring.destroyed(id) is None:
            wrong.append(f"the key of person {n} is there")
        if await crm.database.fetch_value("select count(*) from compliance_token where subject_id = $1", id):
            wrong.append(f"there are tokens of person {n}")
        subject = await subjects.subject_of(crm.database, id)
        found = await subjects.records_of(crm.database, crm.entities, subject)
        left = await subjects.remains(crm.database, crm.entities, found)
        wrong += [f"{left.readable} values of person {n} open"] if left.readable else []
    return wrong


async def whole(crm: Crm) -> list[str]:
    """Say what is not whole: requests, certificates, the feed, the log."""
    wrong = []
    for request in await crm.run(ACTOR, lambda work: work.find("compliance_request")):
        if request["status"] != "COMPLETE" or not (request["certificate"] and is_signed(request["certificate"])):
            wrong.append(f"a request is {request['status']}")
    wrong += (await verify(crm)).problems
    await sequence_all(crm)
    wrong += [problem async for problem in problems(crm)]
    return wrong
