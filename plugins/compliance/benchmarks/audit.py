"""Measure the audit log: `python -m benchmarks.audit [--events N] [--entries N]`; aims in brackets, times of the processor."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click
import msgspec
from crmcore_compliance.audit import offline, sequence, tree
from crmcore_compliance.audit.canonical import EventBody, canonical
from crmcore_compliance.audit.heads import signed
from crmcore_compliance.audit.offline import leaf_hash
from crmcore_compliance.audit.tiles import Tail
from crmcore_compliance.crypto.signing import Signer

from crmcore import Crm, Settings, clock, ids, instants
from crmcore.testing.postgresql import Server, running_server

_HEAD_EVERY = 2000
_EVENT = {
    "sqlite": "insert into crm_event (era, transaction_id, id, type, entity, record_id, at, actor, row) "
    "values (0, 0, $1, $2, $3, $4, $5, $6, $7)",
    "postgresql": "insert into crm_event (era, transaction_id, id, type, entity, record_id, at, actor, row) "
    "values (0, 1, $1, $2, $3, $4, $5, $6, $7)",
}


async def _sequencer(crm: Crm, events: int) -> None:
    actor, row = json.dumps({"type": "USER", "id": f"user_{ids.new()}", "label": "Ada"}), json.dumps({"a": "b" * 500})
    for _ in range(0, events, 10_000):
        rows = [(ids.new(), "customer.updated", "customer", ids.new(), clock.now(), actor, row) for _ in range(10_000)]
        await crm.database.execute_many(_EVENT[crm.database.dialect], rows)
    await sequence(crm, limit=1)
    wall, used, done = time.perf_counter(), time.process_time(), 0
    while count := await sequence(crm):
        done += count
    wall, used = time.perf_counter() - wall, time.process_time() - used
    click.echo(
        f"{crm.database.dialect}: {done / used:.0f} leaves a second of this process's processor time [>= 20000], "
        f"{done / wall:.0f} a second by the clock"
    )


def _export(file: Path, entries: int) -> str:
    signer, tail, previous, now = Signer(1, os.urandom(32)), Tail(0), "", clock.now()
    public = b64encode(signer.public).decode()
    with file.open("w") as out:
        out.write(json.dumps({"log": {"id": "log", "keys": [public], "version": 1}}) + "\n")
        for number in range(entries):
            said = (f"user_{ids.new()}", instants.wire(now), "USER", "customer", str(ids.new()), "event")
            more = (f"customer_{ids.new()}", str(number), os.urandom(32).hex(), "customer.updated")
            body = EventBody(*said, *more)
            text = canonical({name: getattr(body, name) for name in body.__struct_fields__})
            tail.add(leaf_hash(text))
            out.write(text.decode() + "\n")
            if tail.size % _HEAD_EVERY == 0 or tail.size == entries:
                head = signed(signer, "log", tail.size, tail.root(), now, previous)
                previous = head.digest
                out.write(json.dumps({"head": head.told}, sort_keys=True, separators=(",", ":")) + "\n")
    return public


def _offline(folder: Path, entries: int) -> None:
    file = folder / "log.jsonl"
    key = _export(file, entries)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", offline.__file__, "log", str(file), "--key", key], check=True)  # noqa: S603  all is ours
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = file.stat().st_size / 1e6
    click.echo(f"offline: {entries} entries ({size:.0f} MB) verified in {used:.1f} s [1000000 in <= 10 s]")
    longest = max(len(tree.inclusion(number, entries)) for number in range(0, entries, 997))
    click.echo(f"proof: {longest} hashes for one of {entries} [<= 20]")


async def _main(events: int, entries: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEYRING_KEY"] = b64encode(os.urandom(32)).decode()
        for dialect in ("sqlite", "postgresql"):
            server: AbstractContextManager[Server | None] = (
                running_server() if dialect == "postgresql" else nullcontext()
            )
            with server as running:
                url = f"sqlite:///{folder}/crm.db" if running is None else running.url("postgres")
                own = {
                    "kms": f"file://{folder}/{dialect}.json?key=env://KEYRING_KEY",
                    "keystore": f"sqlite:///{folder}/{dialect}.keys",
                }
                crm = Crm(msgspec.convert({"database": url, "plugins": {"compliance": own}}, Settings))
                await crm.start(migrate="always")
                await _sequencer(crm, events)
                await crm.stop()
        _offline(Path(folder), entries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="How many changes are sequenced.")
    parser.add_argument("--entries", type=int, default=1_000_000, help="How many entries are verified.")
    asked = parser.parse_args()
    asyncio.run(_main(asked.events, asked.entries))
