"""A CRM that needs no database: the door is tested apart from what is behind it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from crmcore import clock
from crmcore.access.actor import Actor, ActorType
from crmcore.access.sign_in import SignedIn
from crmcore.errors import RateLimited, Unauthenticated
from crmcore.graphql.requests.execute import Answer
from crmcore.http import application
from crmcore.settings import Http, Settings

ADA = Actor(ActorType.USER, "user_ada", "Ada Lovelace")
TOKEN = {"authorization": "Bearer good"}
JSON = {"content-type": "application/json"}


@dataclass
class FakeCrm:
    """Answers operations from `answer` and remembers what it was asked."""

    settings: Settings = field(default_factory=lambda: Settings(http=Http(body_limit=4096)))
    started: bool = True
    planner: None = None
    documents: None = None
    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[], Answer] = lambda: Answer(b'{"data":{"me":null}}', 200)
    routes: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    pending: Callable[[], list[Any]] = list
    sessions: set[str] = field(default_factory=lambda: {"good-session"})
    stalled: list[str] = field(default_factory=list)
    #: With a replica everybody is looked up; what is recalled is for tests with a database.
    database: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(replica="there is one"))

    @property
    def background(self) -> SimpleNamespace:
        return SimpleNamespace(stalled=lambda: self.stalled)

    @property
    def plugins(self) -> SimpleNamespace:
        return SimpleNamespace(routes=lambda: self.routes)

    @property
    def migrator(self) -> SimpleNamespace:
        async def pending() -> list[Any]:
            return self.pending()

        return SimpleNamespace(pending=pending)


async def _execute(
    crm: FakeCrm,
    text: str,
    variables: Any,
    name: Any,
    actor: Actor,
    request_id: str,
    *,
    read_only: bool = False,
    standing: None = None,
) -> Answer:
    if read_only and text.lstrip().startswith("mutation"):
        return Answer(b'{"errors":[{"message":"GET is for queries."}]}', 405)
    crm.asked.append({"text": text, "variables": variables, "name": name, "actor": actor, "request_id": request_id})
    return crm.answer()


async def _authenticate(crm: FakeCrm, authorization: str | None, session: str | None) -> Actor:
    if authorization == "Bearer good" or session in crm.sessions:
        return ADA
    raise Unauthenticated("Sign in at /sign-in, or send a token.")


async def _sign_in(
    crm: FakeCrm, email: str, password: str, address: str | None, *, previous: str | None = None
) -> SignedIn:
    crm.sessions.discard(previous or "")
    if email == "often@example.com":
        raise RateLimited("Too many attempts; come back in 5 minutes.")
    if password != "correct horse":
        raise Unauthenticated("E-mail or password is wrong.")
    return SignedIn("good-session", ADA, clock.now() + timedelta(hours=1))


async def _sign_in_with_token(
    crm: FakeCrm, token: str, address: str | None, *, previous: str | None = None
) -> SignedIn:
    return await _sign_in(crm, "", "correct horse" if token == "crm_good" else "", address)


async def _sign_out(crm: FakeCrm, secret: str) -> None:
    crm.sessions.discard(secret)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeCrm:
    monkeypatch.setattr("crmcore.http.graphql.execute", _execute)
    monkeypatch.setattr("crmcore.http.actors.authenticate", _authenticate)
    monkeypatch.setattr("crmcore.http.sign_in.sign_in", _sign_in)
    monkeypatch.setattr("crmcore.http.sign_in.sign_in_with_token", _sign_in_with_token)
    monkeypatch.setattr("crmcore.http.sign_in.sign_out", _sign_out)
    return FakeCrm()


def client_of(crm: Any, base_url: str = "http://crm.test") -> httpx.AsyncClient:
    """A client of the whole application; exceptions inside become answers, as under a real server."""
    transport = httpx.ASGITransport(application(crm), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=base_url)


@pytest.fixture
async def client(fake: FakeCrm) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(fake) as client:
        yield client


def errors_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The errors of an answer that must be JSON."""
    assert "json" in answer.headers["content-type"]
    errors: list[dict[str, Any]] = json.loads(answer.content)["errors"]
    return errors
