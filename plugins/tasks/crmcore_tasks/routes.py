"""What the plugin serves over HTTP besides GraphQL."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from crmcore import ids
from crmcore_tasks.calendar import calendar_of

__all__ = ["my_calendar"]

_MINE = """
query MyTasks($me: ID!) {
  tasks(filter: {assigneeId: {eq: $me}, status: {eq: OPEN}}, first: 200) {
    nodes { id title notes priority dueAt updatedAt }
  }
}
"""


@get("/my.ics", summary="Your open to-dos as a calendar")
async def my_calendar(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer with the newest 200 open to-dos of whoever asks, under the rules that GraphQL keeps."""
    actor, crm = request.user, request.app.state.crm
    found = []
    if actor.user_id is not None:
        answer = await crm.execute(_MINE, {"me": ids.encode("user", actor.user_id)}, actor=actor)
        found = answer["data"]["tasks"]["nodes"]
    return Response(calendar_of(found), media_type="text/calendar; charset=utf-8")
