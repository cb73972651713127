"""Whatever is written to a file holds none of the sealed values, unless it is there to hold them; then only those meant."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from canaries import canary, found_in
from click.testing import CliRunner
from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.rights.deciding import ACTIONS
from crmcore_compliance.rights.receiving import compliance_receive_request, compliance_verify_identity
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.requests import ComplianceRegime, ComplianceRequestKind
from loaded import canaries_of, load

from crmcore import Actor, ids
from crmcore.cli import main
from crmcore.testing import TestCrm

_PEOPLE = 4
_KINDS = ComplianceRequestKind
_approve = ACTIONS[0]

Call = Callable[..., Awaitable[str]]


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """All that is personal."""
    return ("personal",)


@pytest.fixture
def environment(crm: TestCrm) -> dict[str, str]:
    """What a process needs to be this CRM."""
    settings = compliance_of(crm).settings
    own = {f"CRM_COMPLIANCE_{name.upper()}": getattr(settings, name) for name in ("tenant", "kms", "keystore")}
    return {**os.environ, **own, "CRM_COMPLIANCE_SEALED": "personal", "CRM_DATABASE": crm.settings.database}


@pytest.fixture
def said(environment: dict[str, str]) -> Call:
    """Call `crm …`; it gives all that was written, to both streams."""

    async def call(*words: str) -> str:
        run = CliRunner().invoke
        result = await asyncio.to_thread(run, main, list(words), env=environment, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return call


async def carried_out(crm: TestCrm, customer: Any, kind: ComplianceRequestKind) -> str:
    """Have a request be received, verified, approved and carried out; return its id as clients see it."""

    async def unit(work: Any) -> Any:
        row = await compliance_receive_request(work, customer, kind, ComplianceRegime.GDPR)
        await compliance_verify_identity(work, row["id"], "signed in")
        await _approve(work, row["id"])
        return row["id"]

    id = await crm.run(Actor.system("test"), unit)
    await crm.work_off()
    return ids.encode("compliance_request", id)


def hidden(folder: Path) -> dict[str, list[str]]:
    """Return what of which files gives somebody away."""
    files = {file.name: file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}
    found = {name: [text for text, _ in found_in(data, canaries_of(range(_PEOPLE)))] for name, data in files.items()}
    return {name: texts for name, texts in found.items() if texts}


async def test_no_report_holds_a_value(crm: TestCrm, said: Call, tmp_path: Path) -> None:
    """Evidence pack, record of processing, register, audit log, proofs, plans, keys, anonymous export, the feed's commands."""
    people = await load(crm, _PEOPLE)
    await carried_out(crm, people[0], _KINDS.ACCESS)
    await carried_out(crm, people[1], _KINDS.ERASURE)
    await sequence_all(crm)
    out = tmp_path / "out"
    out.mkdir()
    await said("compliance", "evidence", str(out / "pack.zip"))
    await said("compliance", "audit", "export", str(out / "log.jsonl"), "--verifier", str(out / "verify.py"))
    written = {
        **{f"ropa.{form}": ("compliance", "ropa", "--format", form) for form in ("json", "csv", "html")},
        "fields": ("compliance", "fields"),
        "keys": ("compliance", "keys", "status", "--json"),
        "status": ("compliance", "status"),
        "plan": ("compliance", "erasure-plan", ids.encode("customer", people[2])),
        "retention": ("compliance", "retention", "run", "--dry-run"),
        "anonymous": ("compliance", "anonymise", "customer", "--quasi", "lifecycleStage,birthDate", "-k", "2"),
        "tail": ("events", "tail"),
        "verified": ("compliance", "audit", "verify"),
    }
    for name, words in written.items():
        (out / name).write_text(await said(*words), "utf-8")
    import zipfile

    zipfile.ZipFile(out / "pack.zip").extractall(out / "pack")

    assert {} == hidden(out)
    # The feed's last events are told of by what they are, and the plan counts what there is: they did look.
    assert "customer.updated" in (out / "tail").read_text("utf-8")
    assert "contact_point" in (out / "plan").read_text("utf-8")


async def test_the_keys_files_hold_no_value(crm: TestCrm, tmp_path: Path) -> None:
    """Neither the keystore nor the keyring, their logs included."""
    await load(crm, _PEOPLE)

    assert {} == hidden(tmp_path)
    assert (tmp_path / "keystore.db").exists()


async def test_a_package_holds_what_is_held_of_one_person_and_nothing_of_others(
    crm: TestCrm, said: Call, tmp_path: Path
) -> None:
    """It is there to hold their values in clear; in the database it is sealed, and it ends with its time or the person."""
    people = await load(crm, _PEOPLE)
    request = await carried_out(crm, people[0], _KINDS.ACCESS)
    await said("compliance", "package", request, "--to", str(tmp_path / "package"))
    theirs = {text for texts in hidden(tmp_path / "package").values() for text in texts}
    stored = repr(await crm.database.fetch("select * from compliance_package")).encode()
    asked = {"id": request}
    read = "query ($id: ID!) { compliancePackage(requestId: $id) { files { content } } }"
    before = json.dumps(await crm.execute(read, asked))
    crm.clock.move(days=31)
    expired = json.dumps(await crm.execute(read, asked))
    crm.clock.move(days=-31)
    await carried_out(crm, people[0], _KINDS.ERASURE)
    erased = json.dumps(await crm.execute(read, asked))

    assert {canary(0, what) for what in ("given", "renamed", "about", "street", "talk", "todo", "secret")} <= theirs
    assert set() == theirs - set(canaries_of([0]))
    assert [] == found_in(stored, canaries_of(range(_PEOPLE)))
    assert canary(0, "given") in before
    assert ("NOT_FOUND" in expired, "NOT_FOUND" in erased) == (True, True)
    assert [] == found_in((expired + erased).encode(), canaries_of(range(_PEOPLE)))


async def test_an_export_shows_what_whoever_exports_may_see(crm: TestCrm, said: Call, tmp_path: Path) -> None:
    """It is there to hold values in clear; nothing is left beside it, and nothing of whom was erased is in it."""
    people = await load(crm, _PEOPLE)
    await carried_out(crm, people[1], _KINDS.ERASURE)
    out = tmp_path / "out"
    out.mkdir()
    fields = [word for name in ("givenName", "familyName", "description") for word in ("--field", name)]
    await said("export", "customer", str(out / "customers.csv"), *fields)
    told = hidden(out)

    assert ["customers.csv"] == list(told)
    shown = {canary(n, what) for n in (0, 2, 3) for what in ("given", "renamed", "about")}
    assert shown == set(told["customers.csv"])


@pytest.fixture
def served(crm: TestCrm, environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str, Path]]:
    """`crm serve` on the CRM's database, logging all there is: its address, a token, and the file of its log."""
    log = tmp_path / "served.log"
    words = [sys.executable, "-m", "crmcore.cli", "serve", "--port", "0"]
    with log.open("wb") as file:
        more = {"CRM_LOG_LEVEL": "DEBUG", "CRM_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=file, text=True, env={**environment, **more})
        try:
            assert process.stdout is not None
            said: dict[str, str] = {}
            while "Token" not in said and (line := process.stdout.readline()):
                name, _, text = line.strip().partition(" ")
                said[name] = text.strip()
            assert "Token" in said, log.read_text()
            yield said["API"], said["Token"], log
        finally:
            process.terminate()
            process.wait(30)
            assert process.stdout is not None
            process.stdout.close()


async def test_a_served_crm_logs_no_value(crm: TestCrm, served: tuple[str, str, Path]) -> None:
    """Whether what it is asked for is done, refused, not found, malformed or fails."""
    address, token, log = served
    people = await load(crm, _PEOPLE)
    name, mail = canary(0, "renamed"), f"{canary(1, 'secret')}@example.com"
    create = """mutation ($v: String!, $id: ID!) {
        createContactPoint(data: {customerId: $id, type: EMAIL, value: $v}) { __typename ... on Problem { code message } }
    }"""
    find = "query ($v: String!) { customers(filter: {familyName: {eq: $v}}) { nodes { id familyName } } }"
    asked: list[tuple[str, dict[str, Any]]] = [
        (find, {"v": name}),
        (f'{{ customers(filter: {{familyName: {{eq: "{name}"}}}}) {{ nodes {{ familyName }} }} }}', {}),
        (create, {"v": mail, "id": ids.encode("customer", people[1])}),
        (create, {"v": f"{mail}\x00", "id": ids.encode("customer", people[1])}),
        (create, {"v": mail, "id": name}),
        (f"{{ customer(id: {name}) {{ id }} }}", {}),
        ("{ customers { nodes { givenName familyName description } } }", {}),
        ("query ($t: String!) { search(text: $t) { nodes { __typename } } }", {"t": name}),
        ("query ($t: String!) { complianceScan(text: $t) { kind } }", {"t": mail}),
    ]
    headers = {"authorization": f"Bearer {token}", "x-request-id": "dump"}
    async with httpx.AsyncClient(headers=headers) as client:
        answers = [(await client.post(address, json={"query": q, "variables": v})).text for q, v in asked]
        answers.append((await client.get(address, params={"query": asked[1][0]})).text)
        answers.append((await client.post(address, content=f'{{"query": "{name}'.encode())).text)
    assert name in answers[0], answers[0]
    data = log.read_bytes()

    assert len(data) > 500
    assert [] == found_in(data, canaries_of(range(_PEOPLE)))
