"""Instants and dates by calendar days, weeks, months, quarters and years, in a time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from crmcore.entities import kinds
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.binding import Binder
from crmcore.graphql.planner.arguments.given import Given

__all__ = ["grained"]


def grained(binder: Binder, sql: str, kind: Kind, given: Given, own: ZoneInfo) -> tuple[str, Kind]:
    """Return SQL for what a key groups by, and its kind: the first day of the grain for times, else the value itself.

    Args:

        binder: takes the time zone.
        sql: the value.
        kind: its kind.
        given: the key, with `grain` and `timeZone`.
        own: the time zone if none is given.

    Raises:

        Invalid: times without a grain, or a grain or a time zone for what has none.
    """
    grain, zone = given.get("grain"), given.get("timeZone")
    if zone is not None and kind is not kinds.INSTANT:
        msg = "Only instants depend on a time zone; leave out timeZone."
        raise Invalid.at(zone.path, "NO_TIME_ZONE", msg)
    if kind not in (kinds.INSTANT, kinds.DATE):
        if grain is not None:
            msg = "Only instants and dates have a grain; leave out grain."
            raise Invalid.at(grain.path, "NO_GRAIN", msg)
        return sql, kind
    if grain is None:
        msg = "Instants and dates are grouped by a grain; add for example `grain: MONTH`."
        raise Invalid.at(given.path, "GRAIN_NEEDED", msg)
    if kind is kinds.INSTANT:
        read = zone.reader(_known) if zone else lambda _: own.key
        sql = binder.dialect.day(sql, binder.bind(read, kinds.TEXT, given.place))
    return binder.dialect.period(sql, grain.constant.name.lower()), kinds.DATE


def _known(name: str) -> str:
    """Check a time zone; those without a region are left out, since databases disagree about what CET and EST are."""
    try:
        if name == "UTC" or ("/" in name and not name.startswith(("posix/", "right/"))):
            return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        pass
    msg = f"{name[:60]!r} is no time zone; write one of the IANA database with its region, for example Europe/Berlin, or UTC."
    raise Invalid.at("", "UNKNOWN_TIME_ZONE", msg)
