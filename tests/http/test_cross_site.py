"""Pages of other sites cannot act with a visitor's cookie."""

from __future__ import annotations

import httpx
import pytest

from tests.http.conftest import JSON, TOKEN, FakeCrm, client_of

COOKIE = {"cookie": "crm_session=good-session"}
ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://crm.test"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://crm.test"},
    {"origin": "http://crm.test.evil.example"},
]
HERE = [{}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://crm.test"}]


@pytest.mark.parametrize("headers", ELSEWHERE)
async def test_a_change_with_a_cookie_from_elsewhere_is_refused(
    client: httpx.AsyncClient, fake: FakeCrm, headers: dict[str, str]
) -> None:
    """The browser tells where a request began; a POST with the cookie must begin here."""
    answer = await client.post("/graphql", json={"query": "{a}"}, headers=COOKIE | headers)
    assert (answer.status_code, fake.asked) == (403, [])


@pytest.mark.parametrize("headers", HERE)
async def test_a_change_with_a_cookie_from_here_is_served(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Our own pages, the address bar and programs pass."""
    answer = await client.post("/graphql", json={"query": "{a}"}, headers=COOKIE | headers)
    assert answer.status_code == 200


async def test_a_token_is_served_from_anywhere(client: httpx.AsyncClient) -> None:
    """A token is not sent by a browser on its own, so it needs no such check."""
    answer = await client.post("/graphql", json={"query": "{a}"}, headers=TOKEN | JSON | ELSEWHERE[0])
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", ELSEWHERE)
@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/sign-out"])
async def test_nobody_is_signed_in_or_out_from_elsewhere(
    client: httpx.AsyncClient, fake: FakeCrm, path: str, headers: dict[str, str]
) -> None:
    """A foreign form cannot sign a visitor in as somebody else, nor out."""
    form = {"email": "eve@example.com", "password": "correct horse"}
    answer = await client.post(path, data=form, headers=COOKIE | headers)
    assert (answer.status_code, "set-cookie" in answer.headers, fake.sessions) == (403, False, {"good-session"})


async def test_over_https_only_the_prefixed_cookie_counts(fake: FakeCrm) -> None:
    """A cookie another host or an http page could have set is not looked at."""
    async with client_of(fake, "https://crm.test") as client:
        plain = await client.get("/graphql?query={a}", headers=COOKIE)
        prefixed = await client.get("/graphql?query={a}", headers={"cookie": "a=b; __Host-crm_session=good-session"})
    assert (plain.status_code, prefixed.status_code) == (401, 200)
