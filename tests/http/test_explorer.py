"""GraphiQL from bundled files, for those who have signed in."""

from __future__ import annotations

import re

import httpx
import pytest
from graphql import parse, validate

from crmcore.app import Crm
from crmcore.http.assets import STATIC
from tests.http.conftest import TOKEN

COOKIE = {"cookie": "crm_session=good-session"}


async def test_the_root_leads_to_the_explorer(client: httpx.AsyncClient) -> None:
    """Whoever opens the bare address lands at GraphiQL."""
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/graphiql")


async def test_without_an_actor_the_explorer_leads_to_sign_in(client: httpx.AsyncClient) -> None:
    """The way out is a page, not an error."""
    answer = await client.get("/graphiql")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/graphiql")


async def test_the_page_names_who_has_signed_in(client: httpx.AsyncClient) -> None:
    """The explorer says as whom it asks."""
    answer = await client.get("/graphiql", headers=COOKIE)
    assert (answer.status_code, "Ada Lovelace" in answer.text) == (200, True)


async def test_everything_the_page_loads_is_bundled(client: httpx.AsyncClient) -> None:
    """Each file the page names is served from here, with its type."""
    page = (await client.get("/graphiql", headers=COOKIE)).text
    loads = [url for url in re.findall(r'(?:src|href)="([^"]+)"', page) if not url.startswith("data:")]
    answers = [await client.get(url, headers=COOKIE) for url in loads]
    assert len(loads) == 6
    assert [answer.status_code for answer in answers] == [200] * 6


async def test_the_policy_allows_nothing_inline(client: httpx.AsyncClient) -> None:
    """No inline script or style runs; the one style sheet that GraphiQL adds carries a nonce of this answer."""
    first, second = [await client.get("/graphiql", headers=COOKIE) for _ in range(2)]
    policies = [answer.headers["content-security-policy"] for answer in (first, second)]
    assert all("unsafe" not in policy and "script-src 'self';" in policy for policy in policies)
    nonce = re.findall(r"nonce-([^']+)'", policies[0])[0]
    assert (f'nonce="{nonce}"' in first.text, policies[0] == policies[1]) == (True, False)


async def test_the_files_need_an_actor(client: httpx.AsyncClient) -> None:
    """Only the sign-in page's own files are open."""
    answer = await client.get("/graphiql/assets/explorer.js")
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["page.html", "LICENSES.txt", "..%2fsign-in%2fpage.html", "nothing.js"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    """Only scripts and styles of that folder are files of the explorer."""
    answer = await client.get(f"/graphiql/assets/{name}", headers=TOKEN)
    assert answer.status_code == 404


async def test_a_browser_keeps_what_has_a_version(client: httpx.AsyncClient) -> None:
    """A name with a version is kept for good; another is asked about again and costs nothing unchanged."""
    library = await client.get("/graphiql/assets/react-18.3.1.min.js", headers=TOKEN)
    own = await client.get("/graphiql/assets/explorer.js", headers=TOKEN)
    again = await client.get("/graphiql/assets/explorer.js", headers=TOKEN | {"if-none-match": own.headers["etag"]})
    assert "immutable" in library.headers["cache-control"]
    assert (own.headers["cache-control"], again.status_code, again.content) == ("private, no-cache", 304, b"")


def test_the_first_operation_is_one_of_this_schema(crm_model: Crm) -> None:
    """What GraphiQL shows at first runs as it stands."""
    script = (STATIC / "graphiql" / "explorer.js").read_text("utf-8")
    assert validate(crm_model.schema.graphql, parse(script.split("`")[1])) == []


def test_the_licenses_of_what_is_bundled_are_there() -> None:
    """Each bundled library is named with its license."""
    text = (STATIC / "graphiql" / "LICENSES.txt").read_text("utf-8")
    bundled = {path.name for path in (STATIC / "graphiql").glob("*-*.min.*")}
    assert {name for name in bundled if name not in text} == set()
