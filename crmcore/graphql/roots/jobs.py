"""The root fields `job` and `jobs`: work that is done apart from the requests that caused it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.database import ids
from crmcore.errors import Forbidden, Invalid
from crmcore.graphql.mutations.inputs import read_id
from crmcore.graphql.mutations.results import result_object, shown
from crmcore.graphql.mutations.values import Value
from crmcore.graphql.requests.context import Context
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import as_enum
from crmcore.graphql.types.forge import argument, field, many, optional
from crmcore.graphql.types.structures import PageInfo
from crmcore.jobs.known import Job, JobState, find_jobs, jobs_by_id, states_of
from crmcore.jobs.permissions import MANAGE

__all__ = ["job_roots", "job_type"]

_DEFAULT, _LARGEST = 50, 500


def job_type(types: Types) -> Any:
    """Return the object type `Job`; `crmcore.graphql.mutations.results.shown` makes a value of it from a `crmcore.jobs.known.Job`."""
    return result_object(types, Job)


def job_roots(types: Types) -> Iterable[StrawberryField]:
    """Return `job` and `jobs`."""
    about = (
        "A job by its id; null if there is none, or none any more, or it is somebody else's and you lack jobs.manage."
    )
    yield _root("job", about, optional(job_type(types)), _job, argument("id", strawberry.ID, "The job's id."))
    yield _root(
        "jobs",
        "Jobs, those first that were put last. Needs the permission jobs.manage.",
        _connection(types),
        _jobs,
        argument("state", optional(as_enum(JobState)), "Only those that stand so."),
        argument("name", optional(str), "Only those of this name: the plugin's, a dot, and the function's."),
        argument("first", optional(int), f"How many, at most {_LARGEST}.", _DEFAULT),
        argument("after", optional(str), "Only what follows this cursor."),
    )


def _connection(types: Types) -> Any:
    def edge() -> Iterable[StrawberryField]:
        yield field("cursor", str, "Where the job stands in the list; for `after`.")
        yield field("node", job_type(types), "The job.")

    def fields() -> Iterable[StrawberryField]:
        edges = types.forge.object("JobEdge", "A job, and where it stands in the list.", edge)
        yield field("edges", many(edges), "The page's jobs with their cursors.")
        yield field("nodes", many(job_type(types)), "The page's jobs.")
        yield field("pageInfo", PageInfo, "Where the page stands in the list.")

    return types.forge.object("JobConnection", "A page of jobs.", fields)


def _root(
    name: str, description: str, type_: Any, resolver: Callable[..., Any], *arguments: StrawberryArgument
) -> StrawberryField:
    made: StrawberryField = strawberry.field(resolver=resolver, name=name, description=description, graphql_type=type_)
    # The resolver's annotations cannot say what each of them is for.
    made.arguments = list(arguments)
    return made


async def _job(info: strawberry.Info[Context, None], id: str) -> Value | None:
    job_id = read_id(id, "job", "id")
    found = await jobs_by_id(info.context.crm, info.context.actor, [job_id])
    return shown(found[job_id]) if found else None


async def _jobs(
    info: strawberry.Info[Context, None],
    state: JobState | None = None,
    name: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> Value:
    if not info.context.actor.access.may(MANAGE):
        msg = f"The list of jobs needs the permission {MANAGE}; ask for a job of yours by its id."
        raise Forbidden(msg)
    first = _DEFAULT if first is None else first
    if not 0 <= first <= _LARGEST:
        raise Invalid.at("first", "OUT_OF_RANGE", f"first is 0 to {_LARGEST}.")
    before = None if after is None else read_id(after, "job", "after")
    states = None if state is None else states_of(state)
    found = await find_jobs(info.context.crm.database, states=states, name=name, before=before, limit=first + 1)
    return _page(found[:first], more=len(found) > first, later=before is not None)


def _page(found: list[Job], *, more: bool, later: bool) -> Value:
    nodes = [shown(job) for job in found]
    cursors = [ids.encode("job", job.id) for job in found]
    info = {
        "hasNextPage": more,
        "hasPreviousPage": later,
        "startCursor": cursors[0] if cursors else None,
        "endCursor": cursors[-1] if cursors else None,
    }
    edges = [Value("JobEdge", {"cursor": c, "node": node}) for c, node in zip(cursors, nodes, strict=True)]
    return Value("JobConnection", {"edges": edges, "nodes": nodes, "pageInfo": Value("PageInfo", info)})
