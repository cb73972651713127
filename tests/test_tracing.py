"""Traces: what OpenTelemetry's own SDK receives of requests, statements and whatever they cause."""

from __future__ import annotations

import sys
from types import MappingProxyType
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode

from crmcore import tracing
from crmcore.access.actor import Access, Actor, ActorType
from crmcore.app import Crm
from crmcore.database import Database
from crmcore.database.watch import Watch
from crmcore.errors import Refusal
from tests.http.conftest import client_of
from tests.spans import Spans

CLIENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
CREATE = """mutation New {
  createCustomer(data: {kind: PERSON, givenName: "Ada", familyName: "Lovelace"}) { ... on Customer { displayName } ... on Problem { code } }
}"""


@pytest.fixture
def ada(monkeypatch: pytest.MonkeyPatch) -> Actor:
    """Whoever asks is Ada, who may do everything."""
    actor = Actor(ActorType.SYSTEM, "user_ada", "Ada", access=Access(everything=True))

    async def authenticate(*_: object) -> Actor:
        return actor

    monkeypatch.setattr("crmcore.http.actors.authenticate", authenticate)
    return actor


async def test_what_a_mutation_does_is_one_trace_with_its_client(crm: Crm, spans: Spans, ada: Actor) -> None:
    """The request, the mutation in it, and its transaction."""
    async with client_of(crm) as client:
        answer = await client.post("/graphql?q=secret", json={"query": CREATE}, headers={"traceparent": CLIENT})
    assert "Ada Lovelace" in answer.text
    request, mutation = spans.named("POST /graphql"), spans.named("createCustomer")
    assert {0x0AF7651916CD43DD8448EB211C80319C} == {span.context.trace_id for span in spans.ended}
    assert (0xB7AD6B7169203331, SpanKind.SERVER) == (request.parent and request.parent.span_id, request.kind)
    assert "createCustomer" in spans.below(request)
    parts = spans.below(mutation)
    # What need not be waited for is left before the transaction has a connection to begin on; on SQLite all of it is one step.
    assert {"sqlite": (0, 1), "postgresql": (1, 1)}[crm.database.dialect] == (
        parts.count("begin"),
        parts.count("commit"),
    )
    assert any("INSERT customer" in part for part in parts)


async def test_a_query_is_a_request_and_its_statement(crm: Crm, spans: Spans, ada: Actor) -> None:
    """Whoever sends the same one again gets the same trace, however much of the way is spared."""
    async with client_of(crm) as client:
        for _ in range(3):
            await client.post("/graphql", json={"query": "{ customers { nodes { id } } }"})
    requests = [span for span in spans.ended if span.name == "POST /graphql"]
    assert [["SELECT customer"]] * 3 == [spans.below(request) for request in requests]


async def test_a_request_says_what_the_log_says(crm: Crm, spans: Spans, ada: Actor) -> None:
    """By OpenTelemetry's names; the query string, which a person may have typed, is left out."""
    async with client_of(crm) as client:
        await client.post("/graphql?q=secret", json={"query": CREATE}, headers={"x-request-id": "request-1"})
    request = spans.named("POST /graphql")
    told = dict(request.attributes or {})
    assert told.pop("user_agent.original").startswith("python-httpx")
    assert told == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "/graphql",
        "url.path": "/graphql",
        "url.scheme": "http",
        "client.address": "127.0.0.1",
        "graphql.operation.name": "New",
        "crm.request_id": "request-1",
        "crm.actor": "user_ada",
    }
    assert StatusCode.UNSET is request.status.status_code


async def test_a_statement_tells_its_text_and_none_of_its_values(crm: Crm, spans: Spans, ada: Actor) -> None:
    """By OpenTelemetry's names for databases."""
    with tracing.span("outer"):
        await crm.execute(CREATE, actor=ada)
    (insert,) = (span for span in spans.ended if "INSERT customer" in span.name)
    told = dict(insert.attributes or {})
    assert SpanKind.CLIENT is insert.kind
    assert (crm.database.dialect, insert.name) == (told["db.system.name"], told["db.query.summary"])
    assert "insert into customer" in str(told["db.query.text"])
    assert "Ada" not in str(told)


@pytest.mark.parametrize(
    ("sql", "summary"),
    [
        ("insert into deal as t (id) values ($1) on conflict (id) do update set id = $1", "INSERT deal"),
        ("with found as (insert into entry (id) values ($1)) select * from found", "INSERT entry SELECT"),
        (
            "select 1 from deal t join stage s on true where t.id in (select x from unnest($1)) for update of t",
            "SELECT deal stage",
        ),
        ("update deal set id = $1", "UPDATE deal"),
        ("delete from deal where id in (select id from stage)", "DELETE deal SELECT stage"),
        ("script", "statement"),
    ],
)
async def test_a_statement_is_named_by_verbs_and_tables(spans: Spans, sql: str, summary: str) -> None:
    """Few different names, by which a collector can group."""
    with tracing.span("outer"):
        Watch("sqlite").ran(sql, (), 0.1)
    assert [summary, "outer"] == [span.name for span in spans.ended]


async def test_a_statement_that_fails_is_a_failed_span(database: Database, spans: Spans) -> None:
    """Named by the class of what went wrong; a refusal around it is no failure."""
    with pytest.raises(Exception, match="nothing_there"), tracing.span("outer"):
        await database.fetch("select secret from nothing_there")
    inner, outer = spans.named("SELECT nothing_there"), spans.named("outer")
    assert (StatusCode.ERROR, StatusCode.ERROR) == (inner.status.status_code, outer.status.status_code)
    assert "nothing_there" not in f"{outer.attributes}{outer.status.description}{outer.events}"


def test_a_refusal_is_an_answer(spans: Spans) -> None:
    """The span says which, and is not counted among failures."""
    with pytest.raises(Refusal), tracing.span("create"):
        raise Refusal("Ada has that address already.")
    span = spans.named("create")
    assert (StatusCode.UNSET, {"error.type": "Refusal"}) == (span.status.status_code, dict(span.attributes or {}))
    assert () == span.events


async def test_a_failed_request_is_a_failed_span(crm: Crm, spans: Spans, ada: Actor, monkeypatch: Any) -> None:
    """With the incident under which the log has it."""

    async def broken(*_: object, **__: object) -> None:
        msg = "broken"
        raise RuntimeError(msg)

    monkeypatch.setattr("crmcore.http.graphql.execute", broken)
    async with client_of(crm) as client:
        await client.post("/graphql", json={"query": "{ me { id } }"})
    request = spans.named("POST /graphql")
    assert (StatusCode.ERROR, "500") == (request.status.status_code, (request.attributes or {})["error.type"])
    assert "crm.incident" in (request.attributes or {})


async def test_names_are_routes(crm: Crm, spans: Spans) -> None:
    """A path that leads nowhere is no name, nor is a method nobody knows; who only asks for the health is not traced."""
    async with client_of(crm) as client:
        for method, path in (("GET", "/sign-in"), ("GET", "/wp-admin.php"), ("BREW", "/pot"), ("GET", "/health")):
            await client.request(method, path)
    assert ["GET /sign-in", "GET", "_OTHER"] == [span.name for span in spans.ended]


async def test_a_statement_of_nobody_is_no_trace(database: Database, spans: Spans) -> None:
    """What a worker asks every second would be nothing but traces of one statement."""
    await database.fetch("select 1")
    async with database.transaction():
        await database.fetch("select 1")
    assert () == spans.ended


def test_what_is_done_later_belongs_to_the_same_trace(spans: Spans) -> None:
    """In another context and another process: all it takes is the text that was stored."""
    with tracing.span("cause"):
        stored = tracing.carried()
    with tracing.span("job tasks.remind", {"crm.job.attempt": 2}, kind="consumer", parent=stored):
        assert [stored and stored[:35]] == [tracing.headers()["traceparent"][:35]]
    cause, job = spans.named("cause"), spans.named("job tasks.remind")
    assert (cause.context.trace_id, cause.context.span_id) == (job.context.trace_id, job.parent and job.parent.span_id)
    assert (SpanKind.CONSUMER, {"crm.job.attempt": 2}) == (job.kind, dict(job.attributes or {}))


@pytest.mark.parametrize("stored", ["", "nonsense", "00-0-0-01"])
def test_a_stored_text_that_is_none_begins_a_trace(spans: Spans, stored: str) -> None:
    """And harms nobody."""
    with tracing.span("outer"), tracing.span("job", parent=stored):
        pass
    assert spans.named("job").parent is None


def test_what_the_sampler_leaves_out_stays_out_later() -> None:
    """The text says so, for those who sample by what the caller decided."""
    tracing.use(TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False))
    try:
        with tracing.span("cause"):
            stored = tracing.carried()
    finally:
        tracing.use(None)
    assert (stored or "").endswith("-00")


async def test_without_a_provider_there_is_nothing(crm: Crm) -> None:
    """OpenTelemetry's API is there, and the CRM runs: no spans, no headers, one block that does nothing for all."""
    assert tracing.SPANS is None
    assert (None, {}) == (tracing.carried(), tracing.headers())
    assert tracing.span("a") is tracing.span("b", {"x": 1}, parent=CLIENT)
    tracing.past("commit", 0.0)


def test_an_sdk_that_is_disabled_makes_no_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """`OTEL_SDK_DISABLED=true` is the standard's switch."""
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    tracing.use(TracerProvider(shutdown_on_exit=False))
    assert tracing.SPANS is None


def test_a_provider_that_is_set_is_found(monkeypatch: pytest.MonkeyPatch, spans: Spans) -> None:
    """As `opentelemetry-instrument` sets it; what was chosen by `use` stays."""
    chosen = tracing.SPANS
    tracing.find()
    assert chosen is tracing.SPANS
    tracing.use(None)
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", TracerProvider(shutdown_on_exit=False))
    tracing.find()
    assert tracing.SPANS is not None


def test_opentelemetry_is_imported_by_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not imported it cannot have set a provider, so it is not even looked for."""
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", TracerProvider(shutdown_on_exit=False))
    monkeypatch.setattr(sys, "modules", MappingProxyType({}))
    tracing.find()
    assert tracing.SPANS is None
