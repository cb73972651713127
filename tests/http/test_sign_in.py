"""Signing in by page and by JSON, and signing out."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx
import pytest

from tests.http.conftest import FakeCrm, client_of, errors_of

RIGHT = {"email": "ada@example.com", "password": "correct horse"}


async def test_the_page_posts_to_the_server_itself(client: httpx.AsyncClient) -> None:
    """The sign-in page has a labelled form, loads nothing from elsewhere and runs no script."""
    answer = await client.get("/sign-in?next=/graphiql")
    page = _Page(answer.text)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.actions == {"/auth/sign-in"}
    assert page.labelled >= {"email", "password", "token"}
    assert ("script" in page.tags, [link for link in page.loads if not link.startswith(("/", "data:"))]) == (False, [])


@pytest.mark.parametrize("path", ["/sign-in/assets/sign-in.css"])
async def test_the_page_loads_without_an_actor(client: httpx.AsyncClient, path: str) -> None:
    """What the page shows is open to everybody."""
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")


async def test_a_form_signs_in_and_goes_on(client: httpx.AsyncClient) -> None:
    """The right password sets the cookie and leads where the person wanted to go."""
    answer = await client.post("/auth/sign-in", data=RIGHT | {"next": "/plugins/tasks/today"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/plugins/tasks/today")
    assert client.cookies["crm_session"] == "good-session"


async def test_a_token_signs_in_too(client: httpx.AsyncClient) -> None:
    """The token that the server printed is enough; blanks around a pasted one do no harm."""
    answer = await client.post("/auth/sign-in", data={"token": " crm_good\n"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/graphiql")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "graphiql", "/a\r\nx: y"],
)
async def test_signing_in_never_leads_elsewhere(client: httpx.AsyncClient, elsewhere: str) -> None:
    """`next` is a path of this server or is ignored."""
    answer = await client.post("/auth/sign-in", data=RIGHT | {"next": elsewhere})
    assert answer.headers["location"] == "/graphiql"


async def test_the_cookie_is_safe(client: httpx.AsyncClient) -> None:
    """No script reads it, no other site's form carries it, it ends with the session."""
    answer = await client.post("/auth/sign-in", json=RIGHT)
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/"))
    assert "max-age=3600" in cookie or "max-age=3599" in cookie


async def test_over_https_the_cookie_stays_on_https(fake: FakeCrm) -> None:
    """The cookie is Secure and carries the prefix that binds it to this host."""
    async with client_of(fake, "https://crm.test") as client:
        answer = await client.post("/auth/sign-in", json=RIGHT)
    assert answer.headers["set-cookie"].startswith("__Host-crm_session=good-session;")
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_a_program_signs_in_with_json(client: httpx.AsyncClient) -> None:
    """JSON in, JSON out: who it is and until when."""
    answer = await client.post("/auth/sign-in", json=RIGHT)
    assert (answer.status_code, answer.json()["actor"]["label"]) == (200, "Ada Lovelace")
    assert "expiresAt" in answer.json()


async def test_a_wrong_password_shows_the_page_again(client: httpx.AsyncClient) -> None:
    """The page says what is wrong, keeps the e-mail, shows no password, and escapes what it shows."""
    form = {"email": 'a"><script>x</script>@example.com', "password": "secret-typo", "next": "/graphiql"}
    answer = await client.post("/auth/sign-in", data=form)
    assert answer.status_code == 401
    assert "E-mail or password is wrong." in answer.text
    assert ("<script>" in answer.text, "secret-typo" in answer.text, "set-cookie" in answer.headers) == (False,) * 3


async def test_a_wrong_password_by_json_is_401(client: httpx.AsyncClient) -> None:
    """A program gets the refusal as JSON."""
    answer = await client.post("/auth/sign-in", json=RIGHT | {"password": "wrong"})
    assert (answer.status_code, errors_of(answer)[0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("as_page", [True, False])
async def test_too_many_attempts_are_429(client: httpx.AsyncClient, as_page: bool) -> None:
    """A throttled attempt is told apart from a wrong one."""
    given = RIGHT | {"email": "often@example.com"}
    answer = await client.post("/auth/sign-in", **({"data": given} if as_page else {"json": given}))  # type: ignore[arg-type]
    assert answer.status_code == 429
    assert "come back in 5 minutes" in answer.text


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b'{"email": "a@b.c"}', "application/json", 400),
        (b'{"email": 1, "password": 2}', "application/json", 400),
        (b'{"user": "a"}', "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b"not json", "application/json", 400),
        (b" " * 20_000, "application/json", 413),
        (b"email=%ff", "application/x-www-form-urlencoded", 400),
        (b"email=\xff", "application/x-www-form-urlencoded", 400),
        (b'{"email": "a@b.c", "password": "x"}', "text/plain", 415),
    ],
)
async def test_what_cannot_be_read_is_refused(
    client: httpx.AsyncClient, content: bytes, content_type: str, status: int
) -> None:
    """Every malformed attempt gets a clear 4xx in JSON."""
    answer = await client.post("/auth/sign-in", content=content, headers={"content-type": content_type})
    assert answer.status_code == status
    assert errors_of(answer)[0]["message"]


async def test_signing_out_ends_the_session(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """The session is gone on the server and in the browser."""
    await client.post("/auth/sign-in", json=RIGHT)
    answer = await client.post("/auth/sign-out")
    assert (answer.status_code, fake.sessions, "crm_session" in client.cookies) == (204, set(), False)


async def test_the_sign_out_button_leads_to_the_sign_in_page(client: httpx.AsyncClient) -> None:
    """The form in the explorer answers with a page, not with nothing."""
    answer = await client.post("/auth/sign-out", data={"a": "b"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.actions: set[str | None] = set()
        self.labelled: set[str | None] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.actions |= {given["action"]} if tag == "form" else set()
        self.labelled |= {given["for"]} if tag == "label" else set()
        self.loads += [value or "" for name, value in attrs if name in {"src", "href"}]
