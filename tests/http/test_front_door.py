"""What every answer has, whatever is asked."""

from __future__ import annotations

import json
import logging
from typing import Any

import httpx
import pytest

from crmcore.errors import Conflict, Forbidden, Unavailable
from crmcore.http import application
from tests.http.conftest import TOKEN, FakeCrm, client_of, errors_of

PATHS = [
    "/",
    "/graphql",
    "/graphiql",
    "/health",
    "/sign-in",
    "/nothing",
    "/auth/sign-in",
    "/graphiql/assets/explorer.js",
]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_keeps_browsers_careful(client: httpx.AsyncClient, path: str) -> None:
    """No sniffing, no frames, no foreign embedding, and a policy, on pages, errors and data alike."""
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert (headers["x-frame-options"], headers["cross-origin-resource-policy"]) == ("DENY", "same-origin")
    assert (headers["referrer-policy"], headers["cross-origin-opener-policy"]) == ("same-origin", "same-origin")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert len(headers.get_list("content-security-policy")) == 1
    assert [name for name in headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("path", PATHS)
async def test_a_request_keeps_its_id(client: httpx.AsyncClient, path: str) -> None:
    """A well-formed X-Request-Id comes back."""
    answer = await client.get(path, headers={"x-request-id": "trace-0190.a_b"})
    assert answer.headers["x-request-id"] == "trace-0190.a_b"


@pytest.mark.parametrize("given", [None, "short", "a" * 129, 'x"y"z-evil', "two words here"])
async def test_a_request_without_a_good_id_gets_one(client: httpx.AsyncClient, given: str | None) -> None:
    """What could garble a log is replaced."""
    answers = [await client.get("/health", headers={"x-request-id": given} if given else {}) for _ in range(2)]
    made = {answer.headers["x-request-id"] for answer in answers}
    assert (len(made), given in made) == (2, False)


async def test_an_unknown_path_is_404_in_json(client: httpx.AsyncClient) -> None:
    """The message says where things are."""
    answer = await client.get("/graphqll")
    assert (answer.status_code, "/graphql" in errors_of(answer)[0]["message"]) == (404, True)


async def test_a_wrong_method_is_405_in_json(client: httpx.AsyncClient) -> None:
    """Litestar's own refusals have our form."""
    answer = await client.delete("/sign-in")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, OPTIONS")
    assert errors_of(answer)[0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"


@pytest.mark.parametrize("host", ["evil host", "a/b"])
async def test_a_broken_host_header_is_refused(client: httpx.AsyncClient, host: str) -> None:
    """A Host header that is none is a client's mistake."""
    answer = await client.get("/sign-in", headers={"host": host})
    assert (answer.status_code, bool(errors_of(answer))) == (400, True)


async def test_a_bug_becomes_an_incident(
    client: httpx.AsyncClient, fake: FakeCrm, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets a number and nothing else; the log has the traceback under that number."""

    def broken() -> Any:
        msg = "secret internals"
        raise ZeroDivisionError(msg)

    fake.answer = broken
    answer = await client.post("/graphql", json={"query": "{a}"}, headers=TOKEN)
    incident = errors_of(answer)[0]["extensions"]["incident"]
    assert (answer.status_code, "secret" in answer.text, incident in answer.text) == (500, False, True)
    logged = next(record for record in caplog.records if incident in record.getMessage())
    assert logged.exc_info is not None
    assert logged.exc_info[0] is ZeroDivisionError


async def test_a_bug_in_a_page_becomes_an_incident(
    client: httpx.AsyncClient, fake: FakeCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Litestar's handlers fail in the same form."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("crmcore.http.sign_in.sign_in", broken)
    answer = await client.post("/auth/sign-in", json={"email": "a", "password": "b"})
    assert (answer.status_code, errors_of(answer)[0]["extensions"]["code"]) == (500, "INTERNAL")


@pytest.mark.parametrize(
    ("refusal", "status"), [(Forbidden("no"), 403), (Conflict("no"), 409), (Unavailable("later"), 503)]
)
async def test_a_refusal_has_its_status(
    client: httpx.AsyncClient, fake: FakeCrm, refusal: Exception, status: int
) -> None:
    """A refusal that reaches HTTP is an answer, not an incident."""

    def refused() -> Any:
        raise refusal

    fake.answer = refused
    answer = await client.post("/graphql", json={"query": "{a}"}, headers=TOKEN)
    assert (answer.status_code, errors_of(answer)[0]["message"]) == (status, str(refusal))


async def test_the_log_tells_of_a_request_and_nothing_it_carries(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Method, path, operation, status, duration, actor and id are logged; text, variables and tokens are not."""
    caplog.set_level(logging.INFO)
    body = {"query": 'query Named { customers(filter: "secret-literal") }', "variables": {"a": "secret-value"}}
    await client.post("/graphql?trace=secret-query", json=body, headers=TOKEN | {"x-request-id": "request-1"})
    (record,) = [r for r in caplog.records if r.name == "crmcore.http.request"]
    request = dict(record.request)  # type: ignore[attr-defined]
    assert request.pop("ms") >= 0
    assert request == {
        "method": "POST",
        "path": "/graphql",
        "operation": "Named",
        "status": 200,
        "actor": "user_ada",
        "request_id": "request-1",
        "incident": None,
    }
    assert "secret" not in json.dumps(request)


async def test_a_client_that_leaves_is_no_failure(fake: FakeCrm, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that ends within the body is logged as 499 and answers nothing."""
    caplog.set_level(logging.INFO)
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Bearer good"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await application(fake)(scope | {"scheme": "http", "http_version": "1.1"}, receive, send)  # type: ignore[arg-type]
    assert (sent, caplog.records[-1].request["status"]) == ([], 499)  # type: ignore[attr-defined]


async def test_only_the_listed_paths_are_open(fake: FakeCrm) -> None:
    """Every route but health, readiness, sign-in and its files refuses, or leads to sign-in, whoever has no actor."""
    open_paths = {"/health", "/ready", "/sign-in", "/sign-in/assets/{name:str}", "/auth/sign-in", "/auth/sign-out", "/"}
    refused = {}
    async with client_of(fake) as client:
        for route in application(fake).routes:
            path = route.path.replace("{name:str}", "explorer.js")
            refused[route.path] = (await client.get(path)).status_code
    assert {path: status for path, status in refused.items() if path not in open_paths} == {
        "/graphiql": 303,
        "/graphiql/assets/{name:str}": 401,
        "/metrics": 401,
    }
