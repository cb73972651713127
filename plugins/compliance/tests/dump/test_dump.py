"""What somebody has who takes the database, its log, the feed, jobs and logs: none of the sealed values, in any encoding."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from canaries import canary, encodings, found_in
from crmcore_compliance.sealing import readable
from crmcore_compliance.state import compliance_of
from loaded import SUBJECTS, canaries_of, load

from crmcore import Actor, Work, actions, errors
from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """All that is personal."""
    return ("personal",)


async def _everything(crm: TestCrm) -> bytes:
    """Return all that the database has: its file and its log, or every row of every table."""
    if crm.database.dialect == "sqlite":
        path = Path(crm.database.url.removeprefix("sqlite:///"))
        files = [path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")]
        return b"".join([await asyncio.to_thread(file.read_bytes) for file in files if file.exists()])
    tables = await crm.database.fetch("select tablename from pg_tables where schemaname = current_schema()")
    rows = [await crm.database.fetch(f'select t::text from "{table}" t') for (table,) in tables]
    return "\n".join(row for found in rows for (row,) in found).encode()


async def _ask(crm: TestCrm, ids: Sequence[Any]) -> None:
    """Do what leaves traces: requests with idempotency keys, refused and not, look-ups, jobs, search."""
    mutation = "mutation($v: String!) { createCustomer(data: {kind: PERSON, givenName: $v}) { __typename } }"
    await crm.execute(mutation, {"v": canary(0, "given")})

    async def once(work: Work) -> Any:
        return await actions.create(work, "customer", {"kind": "PERSON", "given_name": canary(0, "given")})

    await crm.run(Actor.system("test"), once, idempotency_key="once")
    duplicate = {"customer_id": ids[0], "type": "EMAIL", "value": f"{canary(0, 'secret')}@example.com"}
    with pytest.raises(errors.Duplicate) as refused:
        await crm.run(Actor.system("test"), lambda work: actions.create(work, "contact_point", duplicate))
    assert canary(0, "secret") not in str(refused.value)
    await crm.execute(
        "query($v: String!) { customers(filter: {familyName: {eq: $v}}) { nodes { familyName } } }",
        {"v": canary(1, "renamed")},
    )
    await crm.work_off()


async def test_a_dump_has_none_of_the_values(crm: TestCrm, caplog: pytest.LogCaptureFixture) -> None:
    """Database file and write-ahead log (or all rows), feed, jobs, idempotency memory, tokens, search, and the log."""
    caplog.set_level(logging.DEBUG)
    crm.database.log_slow(0.0)
    ids = await load(crm)
    await _ask(crm, ids)
    dump = await _everything(crm)
    assert [] == found_in(dump, canaries_of())
    assert [] == found_in(caplog.text.encode(), canaries_of())


async def test_what_is_looked_for_would_be_found(crm: TestCrm) -> None:
    """A value that is not sealed is found in the same bytes, so that the search is one."""
    name = canary(0, "plain")
    await crm.run(Actor.system("test"), lambda work: actions.create(work, "tag", {"name": name}))
    assert found_in(await _everything(crm), [name])


async def test_an_older_backup_opens_for_nobody_after_the_erasure(crm: TestCrm, tmp_path: Path) -> None:
    """Yesterday's rows, put back, with today's keystore: nothing of the erased opens, all of the others does."""
    ids = await load(crm)
    gone, stay = ids[: SUBJECTS // 2], ids[SUBJECTS // 2 :]
    before = await readable(crm, stay)
    # The rows stay as they are, as if a backup had brought them back; only the keys are gone.
    for id in gone:
        await compliance_of(crm).keyring.destroy(id)
    assert (0, before) == (await readable(crm, gone), await readable(crm, stay))
    if crm.database.dialect == "sqlite":
        # Nor does the keystore's file hold any of the keys that it had.
        keystore = Path(compliance_of(crm).settings.keystore.removeprefix("sqlite:///"))
        shutil.copy(keystore, tmp_path / "copy.db")
        found = await crm.database.fetch("select description from customer order by id")
        assert all(text.startswith("crm1:") for (text,) in found)


@pytest.mark.parametrize("at", [0, 7, 10_000])
def test_each_encoding_of_each_canary_is_seen(at: int) -> None:
    """Wherever it stands, and at the very end too; what is not there is not."""
    names = [canary(n, "given") for n in range(5)]
    for form in set(encodings(names[3])):
        data = b"\0" * at + form
        assert names[3] in [text for text, _ in found_in(data, names)]
    assert [] == found_in(b"\0" * at + names[3].encode()[:-1], names)
