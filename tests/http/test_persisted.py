"""Documents that a request names instead of bringing them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from crmcore.errors import SetupError
from crmcore.graphql.requests.execute import Answer
from crmcore.http.persisted import load_persisted
from crmcore.settings import GraphQL, Settings
from tests.http.conftest import TOKEN, FakeCrm, client_of, errors_of

ME = "query Me { me { id } }"
HASH = sha256(ME.encode()).hexdigest()
APQ = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}}
RESPONSE_JSON = {"accept": "application/graphql-response+json"}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """What GraphQL Code Generator and Relay write."""
    file = tmp_path / "persisted-documents.json"
    file.write_text(json.dumps({"abc": ME, "sha256:def": "mutation M { a }"}))
    return file


def with_settings(fake: FakeCrm, **settings: Any) -> httpx.AsyncClient:
    fake.settings = Settings(graphql=GraphQL(**settings))
    return client_of(fake)


async def ask(client: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await client.post("/graphql", json=body, headers=TOKEN | headers)


def texts(fake: FakeCrm) -> list[str]:
    return [asked["text"] for asked in fake.asked]


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": "abc"},
        {"documentId": "sha256:abc"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}},
    ],
)
async def test_a_persisted_document_is_asked_by_its_id(fake: FakeCrm, manifest: Path, body: dict[str, Any]) -> None:
    """By the specification's member or by Apollo's extension; variables and operation name go with it."""
    async with with_settings(fake, persisted_documents=str(manifest)) as client:
        answer = await ask(client, body | {"variables": {"a": 1}, "operationName": "Me"})
    assert (answer.status_code, texts(fake)) == (200, [ME])
    assert (fake.asked[0]["variables"], fake.asked[0]["name"]) == ({"a": 1}, "Me")


async def test_a_persisted_document_is_asked_by_get(fake: FakeCrm, manifest: Path) -> None:
    """Which a mutation is not."""
    async with with_settings(fake, persisted_documents=str(manifest)) as client:
        query = await client.get("/graphql?documentId=abc", headers=TOKEN)
        mutation = await client.get("/graphql?documentId=def", headers=TOKEN)
    assert (query.status_code, mutation.status_code, texts(fake)) == (200, 405, [ME])


@pytest.mark.parametrize(("headers", "status"), [({}, 200), (RESPONSE_JSON, 400)])
async def test_an_unknown_document_is_a_request_error(
    fake: FakeCrm, manifest: Path, headers: dict[str, str], status: int
) -> None:
    """Its id and the setting that would make it known are in the message."""
    async with with_settings(fake, persisted_documents=str(manifest)) as client:
        answer = await ask(client, {"documentId": "nothing"}, **headers)
    (error,) = errors_of(answer)
    assert (answer.status_code, error["extensions"]["code"], fake.asked) == (status, "PERSISTED_QUERY_NOT_FOUND", [])
    assert "'nothing'" in error["message"]
    assert "graphql.persisted_documents" in error["message"]


async def test_a_closed_list_answers_nothing_else(fake: FakeCrm, manifest: Path) -> None:
    """The text of a persisted document passes too: it is the same document."""
    async with with_settings(fake, persisted_documents=str(manifest), only_persisted=True) as client:
        other = await ask(client, {"query": "{ me { name } }"})
        hashed = await ask(client, {"query": "{ b }"} | APQ)
        again = await ask(client, APQ)
        same = [await ask(client, body) for body in ({"query": ME}, {"documentId": "abc"})]
    assert (other.status_code, errors_of(other)[0]["extensions"]["code"]) == (403, "PERSISTED_DOCUMENTS_ONLY")
    assert (hashed.status_code, errors_of(again)[0]["message"]) == (403, "PersistedQueryNotSupported")
    assert ([answer.status_code for answer in same], texts(fake)) == ([200, 200], [ME, ME])


async def test_a_text_sent_once_is_known_by_its_hash(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """Apollo's automatic persisted queries: not found, sent with the text, found; by GET as by POST."""
    missing = await ask(client, APQ)
    sent = await ask(client, {"query": ME} | APQ)
    by_hash = [
        await ask(client, APQ),
        await client.get("/graphql?" + urlencode({"extensions": json.dumps(APQ["extensions"])}), headers=TOKEN),
    ]
    assert errors_of(missing) == [
        {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
    ]
    assert [a.status_code for a in (missing, sent, *by_hash)] == [200, 200, 200, 200]
    assert texts(fake) == [ME, ME, ME]


async def test_a_hash_of_another_text_is_refused(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """Else one client could make others run what they did not ask for."""
    answer = await ask(client, {"query": "mutation { a }"} | APQ, **RESPONSE_JSON)
    after = await ask(client, APQ)
    assert (answer.status_code, errors_of(answer)[0]["extensions"]["code"]) == (400, "PERSISTED_QUERY_HASH")
    assert (errors_of(after)[0]["message"], fake.asked) == ("PersistedQueryNotFound", [])


async def test_what_is_no_valid_document_is_not_remembered(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """Rubbish takes nobody's place."""
    fake.answer = lambda: Answer(b'{"errors":[{"message":"no"}]}', 400)
    await ask(client, {"query": ME} | APQ)
    assert errors_of(await ask(client, APQ))[0]["message"] == "PersistedQueryNotFound"


async def test_what_is_remembered_is_bounded(fake: FakeCrm) -> None:
    """The oldest goes; its client sends it again."""
    async with with_settings(fake, remembered_documents=2) as client:
        hashes = []
        for n in range(3):
            text = f"{{ a{n} }}"
            hashes.append({"extensions": {"persistedQuery": {"sha256Hash": sha256(text.encode()).hexdigest()}}})
            await ask(client, {"query": text} | hashes[-1])
        answers = [await ask(client, body) for body in hashes]
    assert ["errors" in answer.json() for answer in answers] == [True, False, False]


async def test_automatic_persisted_queries_can_be_switched_off(fake: FakeCrm) -> None:
    """The client is told by Apollo's word, and sends texts from then on."""
    async with with_settings(fake, remembered_documents=0) as client:
        sent = await ask(client, {"query": ME} | APQ)
        by_hash = await ask(client, APQ)
    assert (sent.status_code, errors_of(by_hash)[0]["message"]) == (200, "PersistedQueryNotSupported")


def test_a_folder_of_manifests_is_read_whole(tmp_path: Path) -> None:
    """Several clients' lists, in each of the forms that build tools write."""
    apollo = {"id": "3", "name": "C", "type": "query", "body": "query C { c }"}
    form = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [apollo]}
    (tmp_path / "a.json").write_text('{"1": "query A { a }"}')
    (tmp_path / "b.json").write_text('{"2": "query B { b }", "1": "query A { a }"}')
    (tmp_path / "c.json").write_text(json.dumps(form))
    (tmp_path / "README.md").write_text("no manifest")
    assert load_persisted(str(tmp_path)) == {"1": "query A { a }", "2": "query B { b }", "3": "query C { c }"}


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "has no *.json"),
        ({"a.json": "{"}, "truncated"),
        ({"a.json": '{"1": 5}'}, "Expected `str`, got `int`"),
        ({"a.json": "[]"}, "Expected `object`, got `array`"),
        ({"a.json": '{"operations": [{"id": "1"}]}'}, "missing required field"),
        ({"a.json": '{"1": "{ a }"}', "b.json": '{"1": "{ b }"}'}, "b.json gives the id 1 to another document"),
    ],
)
def test_manifests_that_cannot_be_read_stop_the_start(tmp_path: Path, files: dict[str, str], says: str) -> None:
    """Each file with what is wrong with it."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SetupError) as wrong:
        load_persisted(str(tmp_path))
    assert (wrong.value.code, says in str(wrong.value)) == ("persisted-documents", True)


def test_a_missing_manifest_stops_the_start(tmp_path: Path) -> None:
    """With the setting to correct."""
    with pytest.raises(SetupError, match=r"cannot be read.*graphql\.persisted_documents"):
        load_persisted(str(tmp_path / "nothing.json"))
