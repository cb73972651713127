"""Routes of plugins: below the plugin's name, with an actor unless they say otherwise."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from litestar import Request, get, post

from crmcore.errors import Forbidden
from tests.http.conftest import TOKEN, FakeCrm, client_of, errors_of

_Request = Request[Any, Any, Any]


@get("/who")
async def who(request: _Request) -> dict[str, str]:
    return {"who": request.user.label, "crm": type(request.app.state.crm).__name__}


@post("/hook", opt={"open": True})
async def hook(request: _Request) -> dict[str, bool]:
    await request.json()
    return {"anonymous": "user" not in request.scope}


@get("/denied")
async def denied() -> None:
    raise Forbidden("Ask for tasks.manage.")


@get("/number/{number:int}")
async def number(request: _Request) -> int:
    return int(request.path_params["number"])


@pytest.fixture
async def plugin(fake: FakeCrm) -> Any:
    fake.routes = [("tasks", (who, hook, denied, number)), ("quiet", ())]
    async with client_of(fake) as client:
        yield client


async def test_a_route_gets_actor_and_crm(plugin: httpx.AsyncClient) -> None:
    """The actor is the request's user, the CRM is in the application's state."""
    answer = await plugin.get("/plugins/tasks/who", headers=TOKEN)
    assert answer.json() == {"who": "Ada Lovelace", "crm": "FakeCrm"}


@pytest.mark.parametrize("path", ["who", "denied", "number/1"])
async def test_a_route_needs_an_actor(plugin: httpx.AsyncClient, path: str) -> None:
    """Without one the plugin's code is not reached."""
    answer = await plugin.get(f"/plugins/tasks/{path}")
    assert (answer.status_code, errors_of(answer)[0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_webhook_may_be_open(plugin: httpx.AsyncClient) -> None:
    """A handler that says so is called by anybody, and has no actor even if one is sent."""
    answers = [await plugin.post("/plugins/tasks/hook", json={}, headers=headers) for headers in ({}, TOKEN)]
    assert [(a.status_code, a.json()) for a in answers] == [(201, {"anonymous": True})] * 2


async def test_a_refusal_of_a_plugin_is_an_answer(plugin: httpx.AsyncClient) -> None:
    """Plugins raise the refusals of crmcore.errors."""
    answer = await plugin.get("/plugins/tasks/denied", headers=TOKEN)
    assert (answer.status_code, errors_of(answer)[0]["message"]) == (403, "Ask for tasks.manage.")


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b" " * 5000, 413)])
async def test_bad_input_of_a_plugins_route_is_refused(plugin: httpx.AsyncClient, body: bytes, status: int) -> None:
    """Broken JSON and the body limit are answered for plugins."""
    answer = await plugin.post("/plugins/tasks/hook", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, bool(errors_of(answer)[0]["message"])) == (status, True)


async def test_a_wrong_path_parameter_is_404(plugin: httpx.AsyncClient) -> None:
    """A number that is none leads nowhere."""
    answer = await plugin.get("/plugins/tasks/number/x", headers=TOKEN)
    assert answer.status_code == 404
