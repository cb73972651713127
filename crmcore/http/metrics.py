"""`/metrics`: what the server did and does, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from crmcore.access.permissions import DIAGNOSE
from crmcore.errors import Forbidden
from crmcore.http.actors import actor_of
from crmcore.http.backlog import Backlog
from crmcore.metrics import CONTENT_TYPE, Family, exposition
from crmcore.webhooks.running import running_on

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Counting", "metrics_routes"]


class Counting(Protocol):
    """Whoever counts something for as long as the process lives."""

    def families(self) -> Iterator[Family]:
        """Give what was counted."""
        ...


def metrics_routes(crm: Crm, *counting: Counting) -> list[HTTPRouteHandler]:
    """Make `/metrics`, unless the setting `http.metrics` is off.

    Args:

        crm: the CRM.
        counting: who counts what this server does, besides what the CRM counts itself.
    """
    allowed = crm.settings.http.metrics
    if allowed == "off":
        return []
    backlog = Backlog(crm)

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[str]:
        if allowed != "open":
            actor = await actor_of(crm, request.scope)  # type: ignore[arg-type]
            if not actor.access.may(DIAGNOSE):
                msg = (
                    f"Metrics need the permission {DIAGNOSE}; give it to a role of yours, or set http.metrics to open."
                )
                raise Forbidden(msg)
        counted = [family for one in counting for family in one.families()]
        families = [*counted, *_state(crm), *_background(crm), *await backlog.families()]
        return Response(exposition(families), media_type=CONTENT_TYPE)

    return [metrics]


def _state(crm: Crm) -> Iterator[Family]:
    yield Family("crm_info", "gauge", "The version that runs.", [("", {"version": version("crmcore")}, 1)])
    # What a process needs for the API alone is made when it is first used, and takes seconds: a worker never does.
    if {"documents", "planner"} <= vars(crm).keys():
        yield from _caches(crm)
    yield from _database(crm)


def _background(crm: Crm) -> Iterator[Family]:
    yield from crm.health.families()
    yield from running_on(crm.database).families()
    if "audiences" in vars(crm):
        yield from crm.audiences.families()
    if crm.background.running:
        help = "Whether jobs, schedules or webhooks of this process stand still (1); /health says which and why."
        yield Family("crm_background_stalled", "gauge", help, [("", {}, int(bool(crm.background.stalled())))])


def _caches(crm: Crm) -> Iterator[Family]:
    caches = {"documents": crm.documents.cache, "plans": crm.planner.plans}
    for name, kind, help, attribute in (
        ("crm_cache_entries", "gauge", "What is kept: parsed documents, and plans of operations.", "__len__"),
        ("crm_cache_size", "gauge", "How much is kept at most.", "size"),
        ("crm_cache_hits_total", "counter", "How often something was found.", "hits"),
        ("crm_cache_misses_total", "counter", "How often something had to be made.", "misses"),
        ("crm_cache_evictions_total", "counter", "How often something was forgotten to make room.", "evictions"),
    ):
        values = {cache: getattr(kept, attribute) for cache, kept in caches.items()}
        numbers = {cache: value() if callable(value) else value for cache, value in values.items()}
        yield Family(name, kind, help, [("", {"cache": cache}, number) for cache, number in numbers.items()])


def _database(crm: Crm) -> Iterator[Family]:
    database, watch = crm.database, crm.database.watch
    stacks = {stack.called.partition(" ")[0]: stack for stack in database.stacks}
    states = [("", {"pool": n, "state": "in use"}, s.in_use) for n, s in stacks.items()]
    states += [("", {"pool": n, "state": "idle"}, s.idle) for n, s in stacks.items()]
    yield Family("crm_connections", "gauge", "Open connections to the database.", states)
    limits = [("", {"pool": n}, s.size) for n, s in stacks.items()]
    yield Family("crm_connections_limit", "gauge", "Connections to the database there may be.", limits)
    waiting = [("", {"pool": n}, s.waiting) for n, s in stacks.items()]
    yield Family("crm_connections_waiting", "gauge", "Statements and transactions waiting for a connection.", waiting)
    yield _number("crm_statements_total", "SQL statements, whoever ran them.", watch.statements)
    yield _number("crm_statement_seconds_total", "How long SQL statements took.", watch.seconds)
    yield _number("crm_slow_statements_total", "SQL statements slower than log.slow_statement.", watch.slow)
    yield _number("crm_gathered_statements_total", "Statements that went out for several reads at once.", watch.groups)
    yield _number("crm_gathered_reads_total", "Reads that went out together with others.", watch.gathered)
    yield _number(
        "crm_shared_commits_total", "Transactions that were committed for several units of work.", watch.commits
    )
    yield _number("crm_shared_units_total", "Units of work that were committed together with others.", watch.committed)
    if database.replica is not None:
        failures = database.replica.failures
        yield _number("crm_replica_failures_total", "How often the replica did not answer.", failures)


def _number(name: str, help: str, value: float) -> Family:
    return Family(name, "counter", help, [("", {}, value)])
