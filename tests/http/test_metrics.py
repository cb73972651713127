"""`/metrics`: what the server did, for those who may know."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import msgspec
import pytest

from crmcore.access.actor import Access, Actor, ActorType
from crmcore.app import Crm
from crmcore.errors import Unauthenticated
from crmcore.http.requests import Requests
from crmcore.http.trace import Trace
from crmcore.metrics import CONTENT_TYPE, Family, Histogram, exposition
from tests.http.conftest import client_of

_LINE = re.compile(r'(\w+)(\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)')


def read(text: str) -> dict[str, float]:
    """Read the text format: every line must be one."""
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    found = [_LINE.fullmatch(line) for line in lines]
    assert all(found), text
    return {f"{m[1]}{m[2] or ''}": float(m[3]) for m in found if m}


def trace(operation: str | None = "Board", status: int = 200, **more: Any) -> Trace:
    """A request that has ended."""
    ended = Trace({"headers": []})
    ended.operation, ended.status = operation, status
    for name, value in more.items():
        setattr(ended, name, value)
    return ended


def told(requests: Requests) -> dict[str, float]:
    """What is counted."""
    return read(exposition(requests.families()))


def test_the_text_has_names_labels_and_values() -> None:
    """With a line on what it is; what a client wrote is escaped."""
    family = Family("crm_x_total", "counter", "How many.", [("", {"name": 'a"b\\c\nd'}, 3), ("", {}, 0.5)])
    expected = '# HELP crm_x_total How many.\n# TYPE crm_x_total counter\ncrm_x_total{name="a\\"b\\\\c\\nd"} 3\ncrm_x_total 0.5\n'
    assert expected == exposition([family, Family("crm_none", "gauge", "Nothing.", [])])


def test_a_histogram_adds_up() -> None:
    """Each bucket holds all that took no longer than its bound."""
    histogram = Histogram()
    for seconds in (0.0001, 0.001, 0.3, 99):
        histogram.add(seconds)
    lines = {labels.get("le", ending): value for ending, labels, value in histogram.samples({})}
    assert [1, 2, 2, 3, 3, 4] == [lines[le] for le in ("0.0005", "0.001", "0.25", "0.5", "10.0", "+Inf")]
    assert (4, pytest.approx(99.3011)) == (lines["_count"], lines["_sum"])


@pytest.mark.parametrize(
    ("status", "errors", "outcome"),
    [
        (200, 0, "ok"),
        (204, 0, "ok"),
        (303, 0, "ok"),
        (200, 2, "errors"),
        (400, 1, "refused"),
        (401, 0, "refused"),
        (499, 0, "gone"),
        (500, 1, "failed"),
        (0, 0, "failed"),
    ],
)
def test_a_request_has_an_outcome(status: int, errors: int, outcome: str) -> None:
    """GraphQL's own errors come with 200 and are told apart."""
    requests = Requests()
    requests.count(trace(status=status, errors=errors), 0.001, operation=True)
    assert 1 == told(requests)[f'crm_requests_total{{to="graphql",outcome="{outcome}"}}']


def test_an_operation_has_its_statements_and_durations() -> None:
    """By name; those without one are together."""
    requests = Requests()
    for operation, statements in (("Board", 2), ("Board", 2), (None, 1)):
        requests.count(trace(operation, statements=statements, database_seconds=0.25), 0.001, operation=True)
    requests.count(trace(None), 0.001, operation=False)
    numbers = told(requests)
    assert (4, 1) == tuple(numbers[f'crm_operation_statements_total{{operation="{n}"}}'] for n in ("Board", ""))
    assert 0.5 == numbers['crm_operation_statement_seconds_total{operation="Board"}']
    assert 2 == numbers['crm_operation_seconds_bucket{operation="Board",le="+Inf"}']
    assert 1 == numbers['crm_requests_total{to="other",outcome="ok"}']


def test_names_are_bounded() -> None:
    """Clients choose them; what comes after the two hundredth is counted together."""
    requests = Requests()
    for number in range(1000):
        requests.count(trace(f"Q{number}"), 0.001, operation=True)
    requests.count(trace("Q0"), 0.001, operation=True)
    numbers = told(requests)
    assert 2 == numbers['crm_operation_seconds_count{operation="Q0"}']
    assert 800 == numbers['crm_operation_seconds_count{operation="(others)"}']
    assert 201 == sum(name.startswith("crm_operation_statements_total") for name in numbers)


def let_in(monkeypatch: pytest.MonkeyPatch, access: Access | None) -> None:
    """Have everybody be somebody with these rights, or nobody."""

    async def authenticate(*_: object) -> Actor:
        if access is None:
            raise Unauthenticated("Nobody is signed in.")
        return Actor(ActorType.USER, "user_ada", "Ada", access=access)

    monkeypatch.setattr("crmcore.http.actors.authenticate", authenticate)


async def test_metrics_are_for_those_who_may(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token with one permission suffices, as Prometheus sends it."""
    permitted = Access(permissions=frozenset({"access.diagnose"}))
    statuses = []
    async with client_of(crm) as client:
        for access in (None, Access(), permitted, Access(everything=True)):
            let_in(monkeypatch, access)
            statuses.append((await client.get("/metrics")).status_code)
    assert [401, 403, 200, 200] == statuses


@pytest.mark.parametrize(("setting", "status"), [("open", 200), ("off", 404)])
async def test_a_setting_opens_metrics_or_takes_them_away(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, setting: str, status: int
) -> None:
    """For a network where only the collector can ask, and for those who collect otherwise."""
    let_in(monkeypatch, None)
    http = msgspec.structs.replace(crm.settings.http, metrics=setting)
    monkeypatch.setattr(crm, "settings", msgspec.structs.replace(crm.settings, http=http))
    async with client_of(crm) as client:
        assert status == (await client.get("/metrics")).status_code


async def test_metrics_tell_how_many_reads_went_together(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second over the first is the size of a group."""
    let_in(monkeypatch, None)
    http = msgspec.structs.replace(crm.settings.http, metrics="open")
    monkeypatch.setattr(crm, "settings", msgspec.structs.replace(crm.settings, http=http))
    sql = "select (select revision from crm_access_state where $1 = $1)".replace(
        "$1 =", "$1::text =" if crm.database.dialect == "postgresql" else "$1 ="
    )
    await asyncio.gather(*(crm.database.row(sql, "x") for _ in range(3)))
    async with client_of(crm) as client:
        numbers = read((await client.get("/metrics")).text)
    assert (1, 3) == (numbers["crm_gathered_statements_total"], numbers["crm_gathered_reads_total"])


async def test_metrics_tell_how_many_units_were_committed_together(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that could be; who is alone shares with nobody."""
    let_in(monkeypatch, None)
    http = msgspec.structs.replace(crm.settings.http, metrics="open")
    monkeypatch.setattr(crm, "settings", msgspec.structs.replace(crm.settings, http=http))
    text = "mutation ($name: String!) { createTag(data: {name: $name}) { ... on Tag { name } } }"
    for batch in ("first", "then"):  # the first time statements are prepared
        names = [f"{batch} {n}" for n in range(4)]
        await asyncio.gather(*(crm.execute(text, {"name": name}, actor=Actor.system()) for name in names))
    await crm.execute(text, {"name": "alone"}, actor=Actor.system())
    async with client_of(crm) as client:
        numbers = read((await client.get("/metrics")).text)
    shared = numbers["crm_shared_units_total"], numbers["crm_shared_commits_total"]
    units, commits = shared
    assert 4 <= units <= 8
    assert 1 <= commits <= units / 2


async def test_metrics_tell_of_the_whole_server(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests, caches, connections and statements."""
    let_in(monkeypatch, Access(everything=True))
    async with client_of(crm) as client:
        for _ in range(3):
            await client.post("/graphql", json={"query": "query Some { customers { nodes { id } } }"})
        answer = await client.get("/metrics")
    numbers = read(answer.text)
    assert f"{CONTENT_TYPE}; charset=utf-8" == answer.headers["content-type"]
    assert (3, 3) == (
        numbers['crm_requests_total{to="graphql",outcome="ok"}'],
        numbers['crm_operation_statements_total{operation="Some"}'],
    )
    for cache in ("documents", "plans"):
        assert (1, 2) == (
            numbers[f'crm_cache_misses_total{{cache="{cache}"}}'],
            numbers[f'crm_cache_hits_total{{cache="{cache}"}}'],
        )
    assert numbers["crm_statements_total"] >= 3
    assert 0 == sum(n for name, n in numbers.items() if name.startswith("crm_connections_waiting"))
    assert 0 < sum(n for name, n in numbers.items() if name.startswith("crm_connections{"))
