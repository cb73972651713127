"""The log is asked through the API and on the command line; witnesses are told of its heads."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from crmcore_compliance.audit import commands, offline, sequence_all
from crmcore_compliance.audit.service import SEQUENCER
from crmcore_compliance.audit.verifying import problems
from crmcore_compliance.audit.witness import publish
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.access import ComplianceAccess
from crmcore_compliance.tables.audit import ComplianceAuditEntry, ComplianceAuditHead
from piccolo.table import Table

from crmcore import Write, columns
from crmcore.testing import TestCrm

HEAD = "size root at log previous key publicKey signature"
INCLUSION = f"query ($id: ID!) {{ complianceAuditInclusionProof(id: $id) {{ number entry proof head {{ {HEAD} }} }} }}"
CONSISTENCY = f"""query ($first: BigInt!) {{
    complianceAuditConsistencyProof(first: $first) {{ proof first {{ {HEAD} }} second {{ {HEAD} }} }}
}}"""


def head_of(shown: dict[str, Any]) -> dict[str, Any]:
    """A head as it was signed, from what the API shows."""
    head = {**shown, "size": int(shown["size"])}
    head.pop("publicKey")
    return head


async def test_a_client_can_prove_an_entry(crm: TestCrm) -> None:
    """With what the API gives, and the offline verifier."""
    await crm.make("customer")
    await sequence_all(crm)
    (entry,) = (await crm.execute("{ complianceAuditEntries(last: 1) { nodes { id number body } } }"))["data"][
        "complianceAuditEntries"
    ]["nodes"]
    found = (await crm.execute(INCLUSION, {"id": entry["id"]}))["data"]["complianceAuditInclusionProof"]
    proof = {
        "entry": found["entry"],
        "number": int(found["number"]),
        "proof": found["proof"],
        "head": head_of(found["head"]),
        "keys": [found["head"]["publicKey"]],
    }

    assert (entry["body"], entry["number"]) == (found["entry"], found["number"])
    assert "is in the log" in offline.verify_proof(proof, offline.Heads())


async def test_a_client_can_prove_that_nothing_was_changed(crm: TestCrm) -> None:
    """Between the head it has kept and the last one."""
    await crm.make("customer")
    await sequence_all(crm)
    kept = (await crm.execute(f"{{ complianceAuditTreeHead {{ {HEAD} }} }}"))["data"]["complianceAuditTreeHead"]
    await crm.make("customer")
    await sequence_all(crm)
    found = (await crm.execute(CONSISTENCY, {"first": kept["size"]}))["data"]["complianceAuditConsistencyProof"]
    again = f"query ($size: BigInt) {{ complianceAuditTreeHead(size: $size) {{ {HEAD} }} }}"
    proof = {
        "proof": found["proof"],
        "first": head_of(found["first"]),
        "head": head_of(found["second"]),
        "keys": [kept["publicKey"]],
    }

    assert kept == found["first"]
    assert kept == (await crm.execute(again, {"size": kept["size"]}))["data"]["complianceAuditTreeHead"]
    assert "is the beginning" in offline.verify_proof(proof, offline.Heads([kept["publicKey"]]))


async def test_there_is_no_proof_of_what_is_not_there(crm: TestCrm) -> None:
    """Null; and none at all for those without the permission."""
    id = "compliance_audit_entry_01900000-0000-7000-8000-000000000000"
    answers = [await crm.execute(INCLUSION, {"id": id}), await crm.execute(CONSISTENCY, {"first": 77})]
    refused = await crm.execute(INCLUSION, {"id": id}, as_="sales")

    assert [None, None] == [next(iter(answer["data"].values())) for answer in answers]
    assert "FORBIDDEN" == refused["errors"][0]["extensions"]["code"]


def same(file: Path, other: str) -> bool:
    """Say whether two files are alike."""
    return file.read_bytes() == Path(other).read_bytes()


def seen(witness: Path) -> list[int]:
    """The sizes of the heads that a witness has."""
    return [json.loads(line)["size"] for line in witness.read_text().splitlines()]


async def said(crm: TestCrm, *words: str) -> tuple[int, str]:
    """Call a command; it has an event loop and settings of its own."""
    settings = compliance_of(crm).settings
    environment = {
        "CRM_COMPLIANCE_KMS": settings.kms,
        "CRM_COMPLIANCE_KEYSTORE": settings.keystore,
        "CRM_COMPLIANCE_TENANT": settings.tenant,
    }

    def call() -> tuple[int, str]:
        asked = [*words, "--database", crm.database.url]
        done = CliRunner().invoke(commands.audit, asked, env=environment)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    return await asyncio.to_thread(call)


async def test_the_command_line_does_all_of_it(crm: TestCrm, tmp_path: Path) -> None:
    """Sequence, verify, export with the verifier, prove; the verifier takes what they write."""
    await crm.make("customer")
    export, verifier, proof = tmp_path / "log.jsonl", tmp_path / "verify.py", tmp_path / "proof.json"

    code, told = await said(crm, "sequence")
    assert (0, True) == (code, "entries added" in told), told
    assert (0, True) == ((found := await said(crm, "verify"))[0], "as they were signed" in found[1]), found
    assert (0, []) == ((found := await said(crm, "verify", "--json"))[0], json.loads(found[1])["problems"])
    assert 0 == (await said(crm, "export", str(export), "--verifier", str(verifier)))[0]
    assert same(verifier, offline.__file__)
    assert 0 == offline.main(["log", str(export)])
    (event,) = await crm.database.fetch("select id from crm_event order by position limit 1")
    code, told = await said(crm, "prove", "--entry", str(event[0]))
    proof.write_text(told)
    assert (0, 0) == (code, offline.main(["proof", str(proof)]))


async def test_the_command_line_says_what_is_wrong(crm: TestCrm) -> None:
    """By exit code 1, and 2 where the question is."""
    await crm.make("customer")
    await sequence_all(crm)
    await crm.database.execute("update compliance_audit_entry set body = replace(body, 'SYSTEM', 'USER')")

    code, told = await said(crm, "verify")
    assert (1, True) == (code, "signed head" in told)
    assert 1 == (await said(crm, "prove", "--from", "7777"))[0]
    assert 2 == (await said(crm, "prove"))[0]


async def test_a_beginning_is_proved_on_the_command_line(crm: TestCrm, tmp_path: Path) -> None:
    """From the size of one head to that of the last."""
    await crm.make("customer")
    first = await sequence_all(crm)
    await crm.make("customer")
    await sequence_all(crm)
    proof = tmp_path / "proof.json"
    code, told = await said(crm, "prove", "--from", str(first))
    proof.write_text(told)

    assert (0, 0) == (code, offline.main(["proof", str(proof)]))


def in_the_way(place: Path) -> None:
    """Put something where a file should be."""
    place.mkdir()


def out_of_the_way(place: Path) -> None:
    """Take it away."""
    place.rmdir()


class TestWitness:
    """Heads are kept where nobody can write who can write to the database."""

    @pytest.fixture
    def witness(self, tmp_path: Path) -> Path:
        """A file on another mount."""
        return tmp_path / "the witness.jsonl"

    @pytest.fixture
    def compliance_settings(self, witness: Path) -> dict[str, Any]:
        """Its address."""
        return {"audit_witness": [f"file://{str(witness).replace(' ', '%20')}"]}

    async def test_it_gets_each_head_once(self, crm: TestCrm, witness: Path) -> None:
        """And what it has belongs to the log."""
        told = []
        for _ in range(2):
            await crm.make("customer")
            await sequence_all(crm)
            told.append(await publish(crm))
        told.append(await publish(crm))

        sizes = seen(witness)
        assert ([1, 1, 0], sorted(sizes)) == (told, sizes)
        assert [] == [problem async for problem in problems(crm)]

    async def test_truncating_the_log_shows(self, crm: TestCrm) -> None:
        """All that was signed last is removed with care, and the log is right in itself."""
        await crm.make("customer")
        first = await sequence_all(crm)
        await crm.database.execute("create table kept as select * from compliance_audit_state")
        await crm.database.execute("create table tiles as select * from compliance_audit_tile")
        await crm.make("customer")
        await sequence_all(crm)
        await publish(crm)
        for sql in (
            f"delete from compliance_audit_entry where number >= {first}",
            f"delete from compliance_audit_head where size > {first}",
            "delete from compliance_audit_state",
            "insert into compliance_audit_state select * from kept",
            "delete from compliance_audit_tile",
            "insert into compliance_audit_tile select * from tiles",
            "drop table kept",
            "drop table tiles",
        ):
            await crm.database.execute(sql)

        found = [problem async for problem in problems(crm)]
        assert [True] == ["truncated" in problem for problem in found], found

    async def test_a_log_that_was_removed_shows(self, crm: TestCrm) -> None:
        """As if it had never begun."""
        await crm.make("customer")
        await sequence_all(crm)
        await publish(crm)
        for table in ("entry", "head", "state", "tile", "salt"):
            await crm.database.execute(f"delete from compliance_audit_{table}")

        assert any("witness" in problem for problem in [problem async for problem in problems(crm)])

    async def test_it_may_be_away_for_a_while(
        self, crm: TestCrm, witness: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The log goes on, says so, and tells it everything later."""
        in_the_way(witness)
        await crm.make("customer")
        await sequence_all(crm)
        assert 0 == await publish(crm)
        (failure,) = await crm.database.fetch("select failure from compliance_audit_witness")
        assert ("was not told" in caplog.text, bool(failure[0])) == (True, True)
        assert any("cannot be asked" in problem for problem in [problem async for problem in problems(crm)])
        out_of_the_way(witness)

        assert 1 == await publish(crm)
        assert [(None,)] == await crm.database.fetch("select failure from compliance_audit_witness")


class TestWitnessServer:
    """A witness may be a server."""

    @pytest.fixture
    def server(self) -> Iterator[HTTPServer]:
        """One that keeps what it is sent."""

        class Keeping(BaseHTTPRequestHandler):
            kept: list[bytes] = []  # noqa: RUF012

            def do_POST(self) -> None:
                self.kept.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Keeping)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        server.server_close()

    @pytest.fixture
    def compliance_settings(self, server: HTTPServer) -> dict[str, Any]:
        """Its address, and one that is none."""
        return {"audit_witness": [f"http://127.0.0.1:{server.server_port}/heads", "ftp://example.com"]}

    async def test_it_is_sent_heads(self, crm: TestCrm, server: HTTPServer, caplog: pytest.LogCaptureFixture) -> None:
        """A line each; an address that is none is told of."""
        await crm.make("customer")
        await sequence_all(crm)
        assert 1 == await publish(crm)
        (sent,) = server.RequestHandlerClass.kept  # type: ignore[attr-defined]
        head = json.loads(sent)
        public = await crm.database.fetch_value("select public from compliance_audit_head")

        assert (head["size"], base64.b64decode(head["root"])) == offline.Heads([public]).check(head)
        assert "is no witness" in caplog.text


async def _until(crm: TestCrm, size: int) -> None:
    while await crm.database.fetch_value("select count(*) from compliance_audit_entry") < size:  # noqa: ASYNC110  another task writes
        await asyncio.sleep(0.02)


async def test_the_sequencer_keeps_up_by_itself(crm: TestCrm) -> None:
    """Once there are keys; until then it leaves everything alone."""
    running = asyncio.create_task(SEQUENCER.run(crm))
    try:
        await crm.make("customer")
        await asyncio.sleep(0.3)
        assert 0 == await crm.database.fetch_value("select count(*) from compliance_audit_entry")
        await compliance_of(crm).keyring.begin()
        await crm.make("customer")
        async with asyncio.timeout(20):
            await _until(crm, 2)
    finally:
        running.cancel()
        await asyncio.wait([running])


@pytest.mark.parametrize("table", [ComplianceAuditEntry, ComplianceAuditHead, ComplianceAccess])
def test_nobody_but_the_server_writes_the_log(table: type[Table]) -> None:
    """No file that is imported, and no correction that somebody demands, can write a line of it."""
    writable = [c._meta.name for c in table._meta.columns if columns.facts(c).write is not Write.NEVER]

    assert ["id"] == writable


async def test_a_proof_of_what_is_not_whole_is_refused(crm: TestCrm) -> None:
    """An entry without the hashes above it is no incident: who asks is told to verify the log."""
    await crm.make("customer")
    await sequence_all(crm)
    (entry,) = (await crm.execute("{ complianceAuditEntries(last: 1) { nodes { id } } }"))["data"][
        "complianceAuditEntries"
    ]["nodes"]
    await crm.database.execute("delete from compliance_audit_tile")

    answer = await crm.execute(INCLUSION, {"id": entry["id"]})

    assert "CONFLICT" == answer["errors"][0]["extensions"]["code"]
