"""Who may read an interaction, among those whose roles reach it."""

from __future__ import annotations

from collections.abc import Callable

from crmcore.access.rules import ActorValue

__all__ = ["narrow"]


def narrow(alias: str, bind: Callable[[ActorValue], str]) -> str:
    """Return the condition under which the actor may read the interaction `alias`; it narrows every role's reach.

    Args:

        alias: the interaction in the statement.
        bind: gives SQL for the actor's user id, and for their team ids as fits into `in (...)`.
    """
    user = bind(ActorValue.USER)
    took_part = (
        f"exists (select 1 from interaction_participant {alias}_p where {alias}_p.interaction_id = {alias}.id "
        f"and {alias}_p.user_id = {user} and {alias}_p.deleted_at is null)"
    )
    return (
        f"({alias}.visibility = 'ALL' or {alias}.owner_id = {user} or {alias}.assignee_id = {user} "
        f"or ({alias}.visibility = 'TEAM' and {alias}.team_id in ({bind(ActorValue.TEAMS)})) "
        f"or ({alias}.visibility in ('PARTICIPANTS', 'TEAM') and {took_part}))"
    )
