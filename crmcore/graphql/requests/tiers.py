"""From settings to the limits on documents, everybody's and each role's."""

from __future__ import annotations

from msgspec.structs import asdict, replace

from crmcore.graphql.planner.documents.limits import Limits, Tiers
from crmcore.settings import GraphQL

__all__ = ["tiers_of"]


def tiers_of(settings: GraphQL) -> Tiers:
    """Return whom which limits hold for; what a role does not set is as for everybody."""
    roles = {}
    for key, own in settings.roles.items():
        differing = {name: value for name, value in asdict(own).items() if value is not None}
        roles[key] = _limits(replace(settings, **differing))
    return Tiers(_limits(settings), roles)


def _limits(settings: GraphQL) -> Limits:
    return Limits(
        tokens=settings.max_tokens,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        directives=settings.max_directives,
        fields=settings.max_fields,
        records=settings.max_records,
    )
