"""`/metrics`: what the server did and does, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from crmcore.access.permissions import DIAGNOSE
from crmcore.errors import Forbidden
from crmcore.http.actors import actor_of
from crmcore.http.requests import Requests
from crmcore.metrics import CONTENT_TYPE, Family, exposition

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["metrics_routes"]


def metrics_routes(crm: Crm, requests: Requests) -> list[HTTPRouteHandler]:
    """Make `/metrics`, unless the setting `http.metrics` is off."""
    allowed = crm.settings.http.metrics
    if allowed == "off":
        return []

    @get("/metrics")
    async def metrics(request: Request[Any, Any, Any]) -> Response[str]:
        if allowed != "open":
            actor = await actor_of(crm, request.scope)  # type: ignore[arg-type]
            if not actor.access.may(DIAGNOSE):
                msg = (
                    f"Metrics need the permission {DIAGNOSE}; give it to a role of yours, or set http.metrics to open."
                )
                raise Forbidden(msg)
        return Response(exposition([*requests.families(), *_state(crm)]), media_type=CONTENT_TYPE)

    return [metrics]


def _state(crm: Crm) -> Iterator[Family]:
    yield Family("crm_info", "gauge", "The version that runs.", [("", {"version": version("crmcore")}, 1)])
    yield from _caches(crm)
    yield from _database(crm)


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
    if database.replica is not None:
        failures = database.replica.failures
        yield _number("crm_replica_failures_total", "How often the replica did not answer.", failures)


def _number(name: str, help: str, value: float) -> Family:
    return Family(name, "counter", help, [("", {}, value)])
