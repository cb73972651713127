"""Long answers compressed, unchanged ones not sent; short ones pay for neither."""

from __future__ import annotations

import gzip

import httpx
import pytest

from crmcore.graphql.requests.execute import Answer
from crmcore.http.delivery import takes_gzip
from crmcore.settings import Http, Settings
from tests.http.conftest import TOKEN, FakeCrm, client_of

LONG = b'{"data":"' + b"x" * 70_000 + b'"}'
LONGER = b'{"data":"' + b"x" * 400_000 + b'"}'
GZIP = {"accept-encoding": "gzip, deflate, br"}
PLAIN = {"accept-encoding": "identity"}


async def raw(client: httpx.AsyncClient, **headers: str) -> tuple[httpx.Response, bytes]:
    """Ask, and return the body as it came."""
    request = client.build_request("POST", "/graphql", json={"query": "{a}"}, headers=TOKEN | headers)
    answer = await client.send(request, stream=True)
    return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("body", [LONG, LONGER])
async def test_a_long_answer_is_compressed(client: httpx.AsyncClient, fake: FakeCrm, body: bytes) -> None:
    """For a client that takes gzip; caches are told that it depends on that."""
    fake.answer = lambda: Answer(body)
    answer, came = await raw(client, **GZIP)
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "accept-encoding")
    assert (gzip.decompress(came), len(came) == int(answer.headers["content-length"])) == (body, True)


async def test_a_client_that_takes_no_gzip_gets_none(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """However long the answer."""
    fake.answer = lambda: Answer(LONG)
    answer, came = await raw(client, **PLAIN)
    assert ("content-encoding" in answer.headers, came) == (False, LONG)


async def test_a_short_answer_goes_as_it_is(
    client: httpx.AsyncClient, fake: FakeCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs one comparison: the header is not even looked for."""
    monkeypatch.setattr("crmcore.http.graphql.deliver", None)
    answer, came = await raw(client, **GZIP)
    assert ("content-encoding" in answer.headers, came) == (False, b'{"data":{"me":null}}')


@pytest.mark.parametrize(("above", "compressed"), [(0, False), (100, True)])
async def test_compression_is_a_setting(fake: FakeCrm, above: int, compressed: bool) -> None:
    """0 is never."""
    fake.settings = Settings(http=Http(compress_above=above))
    fake.answer = lambda: Answer(LONG)
    async with client_of(fake) as client:
        answer, _ = await raw(client, **GZIP)
    assert ("content-encoding" in answer.headers) is compressed


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("*", True),
        ("*;q=0", False),
        ("deflate, br", False),
        ("x-gzip", True),
    ],
)
def test_what_a_client_takes(accepted: str | None, takes: bool) -> None:
    """A weight of nothing is a refusal (RFC 9110, 12.5.3)."""
    assert takes_gzip(accepted) is takes


async def test_a_get_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """304 for the tag of the last answer, also beside others; the answer itself once it is another."""
    url = "/graphql?query={a}"
    first = await client.get(url, headers=TOKEN)
    tag = first.headers["etag"]
    same = await client.get(url, headers=TOKEN | {"if-none-match": f'"other", {tag}'})
    fake.answer = lambda: Answer(b'{"data":{"me":1}}')
    changed = await client.get(url, headers=TOKEN | {"if-none-match": tag})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (changed.status_code, changed.content) == (200, b'{"data":{"me":1}}')
    assert {a.headers["cache-control"] for a in (first, same, changed)} == {"no-store"}


async def test_a_post_has_no_tag(client: httpx.AsyncClient) -> None:
    """It is not asked for, and would cost."""
    answer, _ = await raw(client)
    assert "etag" not in answer.headers
