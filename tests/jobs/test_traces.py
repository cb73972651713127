"""What a request causes later is in its trace."""

from __future__ import annotations

from opentelemetry.trace import SpanKind, StatusCode

from crmcore import tracing
from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work
from tests.jobs import shop
from tests.spans import Spans


async def create(work: Work) -> None:
    """Cause an event with an after-handler, and put a job."""
    await work.put(shop.note("hello"))
    await actions.create(work, "customer", {"kind": "PERSON", "display_name": "Ada"})


async def test_jobs_and_handlers_are_in_the_trace_of_their_cause(crm: Crm, spans: Spans) -> None:
    """Whichever process does them, and whenever; their statements too."""
    await crm.jobs.run_due()
    with tracing.span("cause"):
        await crm.run(Actor.system(), create, request_id="request-1")
    await crm.jobs.run_due()
    cause, job, handler = (spans.named(name) for name in ("cause", "job shop.note", "job shop.greet"))
    assert {cause.context.span_id} == {span.parent and span.parent.span_id for span in (job, handler)}
    assert {cause.context.trace_id} == {span.context.trace_id for span in (job, handler)}
    told = dict(job.attributes or {})
    assert (SpanKind.CONSUMER, 1, "request-1") == (job.kind, told["crm.job.attempt"], told["crm.request_id"])


async def test_an_event_keeps_the_trace_of_its_cause(crm: Crm, spans: Spans) -> None:
    """For those who read the feed, webhooks for example; without a trace there is none."""
    before = await crm.feed.end()
    with tracing.span("cause"):
        await crm.run(Actor.system(), create)
        expected = tracing.carried()
    tracing.use(None)
    await crm.run(Actor.system(), create)
    events = (await crm.feed.read(before)).events
    assert [expected, None] == [event.trace for event in events if event.type == "customer.created"]


async def test_a_job_that_fails_is_a_failed_span(crm: Crm, spans: Spans) -> None:
    """Of each attempt, by the class of the exception."""
    await crm.put(shop.fail())
    await crm.jobs.run_due()
    job = spans.named("job shop.fail")
    assert (StatusCode.ERROR, "ValueError") == (job.status.status_code, (job.attributes or {})["error.type"])
