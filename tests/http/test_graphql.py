"""What the GraphQL endpoint takes, refuses and answers."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import httpx
import pytest

from crmcore.graphql.requests.execute import Answer
from tests.http.conftest import ADA, JSON, TOKEN, FakeCrm, errors_of

QUERY = {"query": "query Me { me { id } }", "variables": {"a": [1, "深圳"]}, "operationName": "Me"}
RESPONSE_JSON = "application/graphql-response+json"


async def post(client: httpx.AsyncClient, body: object, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await client.post("/graphql", content=content, headers=TOKEN | JSON | headers)


async def get(client: httpx.AsyncClient, **parameters: str) -> httpx.Response:
    return await client.get(f"/graphql?{urlencode(parameters)}", headers=TOKEN)


async def test_a_post_reaches_the_crm_whole(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """Text, variables, operation name, actor and request id arrive; the answer's bytes go out unread."""
    answer = await post(client, QUERY, **{"x-request-id": "client-chosen-id"})
    assert answer.content == b'{"data":{"me":null}}'
    assert fake.asked == [
        {
            "text": QUERY["query"],
            "variables": {"a": [1, "深圳"]},
            "name": "Me",
            "actor": ADA,
            "request_id": "client-chosen-id",
        }
    ]


async def test_a_get_asks_a_query(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """GET carries query, variables and operationName in the query string."""
    answer = await get(client, query="query Me { me { id } }", variables='{"a": 1}', operationName="Me")
    assert answer.status_code == 200
    assert (fake.asked[0]["variables"], fake.asked[0]["name"]) == ({"a": 1}, "Me")


async def test_a_get_changes_nothing(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """A mutation by GET is refused with 405 and the method to use."""
    answer = await get(client, query="mutation { a }")
    assert (answer.status_code, answer.headers["allow"], fake.asked) == (405, "POST", [])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    """405 names what is taken; a CORS preflight gets no permission."""
    answer = await client.request(method, "/graphql", headers=TOKEN)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, application/json;q=0.9", RESPONSE_JSON),
        (f"application/json, {RESPONSE_JSON};q=0.5", "application/json"),
        (f"{RESPONSE_JSON};charset=utf-8", RESPONSE_JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        (f"{RESPONSE_JSON};q=nonsense, application/json", "application/json"),
    ],
)
async def test_the_answer_has_the_type_the_client_prefers(
    client: httpx.AsyncClient, accept: str | None, expected: str
) -> None:
    """Accept decides between the two media types of GraphQL over HTTP."""
    client.headers.pop("accept")
    answer = await post(client, QUERY, **({"accept": accept} if accept else {}))
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"


async def test_a_type_that_is_not_offered_is_refused(client: httpx.AsyncClient) -> None:
    """A client that takes none of the types is told them (406)."""
    answer = await post(client, QUERY, accept="text/html")
    assert answer.status_code == 406
    assert RESPONSE_JSON in errors_of(answer)[0]["message"]


@pytest.mark.parametrize(
    ("status", "accept", "expected"),
    [
        (200, RESPONSE_JSON, 200),
        (400, RESPONSE_JSON, 400),
        (500, RESPONSE_JSON, 500),
        (400, "application/json", 200),
        (500, "application/json", 500),
    ],
)
async def test_the_status_follows_the_type(
    client: httpx.AsyncClient, fake: FakeCrm, status: int, accept: str, expected: int
) -> None:
    """A request error is 400 in the new type; application/json says 200, as its clients expect."""
    fake.answer = lambda: Answer(b'{"errors":[{"message":"no"}]}', status)
    answer = await post(client, QUERY, accept=accept)
    assert answer.status_code == expected


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
    ],
)
async def test_a_type_that_needs_no_preflight_is_refused(client: httpx.AsyncClient, content_type: str | None) -> None:
    """Only application/json in UTF-8 passes: browsers send the rest to any site without asking it (415)."""
    headers = TOKEN | ({} if content_type is None else {"content-type": content_type})
    answer = await client.post("/graphql", content=json.dumps(QUERY), headers=headers)
    assert answer.status_code == 415
    assert "application/json" in errors_of(answer)[0]["message"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", 'Application/JSON; charset="UTF-8"'])
async def test_the_charset_may_be_said(client: httpx.AsyncClient, content_type: str) -> None:
    """UTF-8 may be named in any spelling."""
    answer = await post(client, QUERY, **{"content-type": content_type})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "truncated"),
        (b"{", "truncated"),
        (b"query { me }", "malformed"),
        (b'"text"', "Expected `object`, got `str`"),
        (b"5", "Expected `object`, got `int`"),
        (b"null", "Expected `object`, got `null`"),
        (b"{}", "no operation"),
        (b'{"query": 5}', "Expected `str | null`, got `int`"),
        (b'{"query": null}', "no operation"),
        (b'{"query": "{a}", "documentId": 5}', "$.documentId"),
        (b'{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "a"}}}', "$.extensions.persistedQuery"),
        (b'{"query": "{a}", "variables": [1]}', "$.variables"),
        (b'{"query": "{a}", "variables": "{}"}', "$.variables"),
        (b'{"query": "{a}", "operationName": {}}', "$.operationName"),
        (b'{"query": "{a}", "extensions": 1}', "$.extensions"),
        (b'{"query": "\xff"}', "not UTF-8"),
        (b'{"query": "{a}"} {"query": "{a}"}', "trailing"),
        (b'{"query": "{a}", "variables": {"a": ' + b"9" * 5000 + b"}}", "more than" if False else "bytes"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(client: httpx.AsyncClient, body: bytes, says: str) -> None:
    """Each says what is wrong, in JSON, with a 4xx."""
    answer = await post(client, body)
    assert answer.status_code in {400, 413}
    assert says in errors_of(answer)[0]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"query":"{a}","variables":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"query":"{a}","ignored":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    ],
)
async def test_deep_json_is_refused(client: httpx.AsyncClient, fake: FakeCrm, body: bytes) -> None:
    """JSON that is nested 100 000 deep is a bad request, not a crash."""
    fake.settings = FakeCrm().settings.__class__()
    async with client_with_large_bodies(fake) as large:
        answer = await post(large, body)
    assert answer.status_code == 400
    assert "nested too deeply" in errors_of(answer)[0]["message"]


async def test_a_large_integer_is_refused(fake: FakeCrm) -> None:
    """5000 digits are more than any number here has (and than Python converts)."""
    async with client_with_large_bodies(fake) as large:
        answer = await post(large, b'{"query":"{a}","variables":{"a":' + b"9" * 5000 + b"}}")
    assert answer.status_code == 400
    assert "out of range" in errors_of(answer)[0]["message"]


def client_with_large_bodies(fake: FakeCrm) -> httpx.AsyncClient:
    from crmcore.settings import Settings
    from tests.http.conftest import client_of

    fake.settings = Settings()
    return client_of(fake)


async def test_batching_is_refused_by_name(client: httpx.AsyncClient) -> None:
    """A list of operations is refused with the reason, not as bad JSON."""
    answer = await post(client, [QUERY, QUERY])
    assert (answer.status_code, errors_of(answer)[0]["extensions"]["code"]) == (400, "BATCHING_NOT_OFFERED")


async def test_a_body_over_the_limit_is_refused_unread(fake: FakeCrm) -> None:
    """Content-Length alone is enough for 413; the message names the setting."""
    from tests.http.conftest import client_of

    async def unread() -> object:
        yield b"{"
        pytest.fail("the body was read")

    headers = TOKEN | JSON | {"content-length": "4097"}
    async with client_of(fake) as client:
        answer = await client.post("/graphql", content=unread(), headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert "http.body_limit" in errors_of(answer)[0]["message"]


async def test_a_body_that_grows_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    """A body without a length is counted while it comes."""

    async def growing() -> object:
        for _ in range(5):
            yield b" " * 1000

    answer = await client.post("/graphql", content=growing(), headers=TOKEN | JSON)  # type: ignore[arg-type]
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("query_string", "says"),
    [
        ("", "no operation"),
        ("query=%7Ba%7D&variables=%5B1%5D", "Expected `object | null`, got `array`"),
        ("query=%7Ba%7D&variables=x", "malformed"),
        ("query=%ff", "UTF-8"),
        ("&".join(f"a{n}=1" for n in range(30)), "Max number of fields"),
    ],
)
async def test_a_query_string_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, query_string: str, says: str
) -> None:
    """GET is read as strictly as POST."""
    answer = await client.get(f"/graphql?{query_string}", headers=TOKEN)
    assert answer.status_code == 400
    assert says in errors_of(answer)[0]["message"]


async def test_nobody_asks_without_an_actor(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """401 comes before the body is read, and says how to sign in."""
    answer = await client.post("/graphql", content=b"not even JSON", headers=JSON)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="crmcore"')
    assert (errors_of(answer)[0]["extensions"]["code"], fake.asked) == ("UNAUTHENTICATED", [])
