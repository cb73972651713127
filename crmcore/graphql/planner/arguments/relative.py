"""Conditions on where a time lies from now, worked out anew for each request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crmcore import periods
from crmcore.entities import kinds
from crmcore.entities.kinds import Kind
from crmcore.graphql.planner.arguments.binding import Binder, Bound
from crmcore.graphql.planner.arguments.given import Given

__all__ = ["RELATIVE", "Relative"]

_ANNIVERSARY = "anniversaryWithinDays"
RELATIVE = frozenset({"lastDays", "nextDays", "during", _ANNIVERSARY})


class Relative:
    """Makes such conditions in one statement; `zone` says when days begin."""

    def __init__(self, binder: Binder, zone: ZoneInfo) -> None:
        self._binder, self._zone = binder, zone

    def condition(self, operator: str, sql: str, kind: Kind, given: Given) -> str:
        """Return the condition that an instant or a date is in a stretch of days, a half-open range, or has its day in it."""
        if operator == _ANNIVERSARY:
            return self._anniversary(sql, given)
        days = self._days(operator, given)
        begin, end = (self._edge(days, kind, given, edge) for edge in (0, 1))
        return f"({sql} >= {begin} and {sql} < {end})"

    def _days(self, operator: str, given: Given) -> Callable[[Bound], periods.Days]:
        if operator == "during":
            period: periods.RelativePeriod = given.constant
            return lambda bound: period.days(self._today(bound))
        counted = periods.last_days if operator == "lastDays" else periods.next_days
        return lambda bound: given.reader(lambda count: counted(self._today(bound), count))(bound)

    def _edge(self, days: Callable[[Bound], periods.Days], kind: Kind, given: Given, edge: int) -> str:
        def read(bound: Bound) -> date | datetime:
            day = days(bound)[edge]
            return periods.midnight(day, self._zone) if kind is kinds.INSTANT else day

        return self._binder.bind(read, kind, given.place)

    def _anniversary(self, sql: str, given: Given) -> str:
        def read(bound: Bound) -> list[str]:
            found: list[str] = given.reader(lambda count: periods.anniversaries(self._today(bound), count))(bound)
            return found

        dialect = self._binder.dialect
        return dialect.among(dialect.month_day(sql), self._binder.bind(read, kinds.TEXT, given.place, many=True))

    def _today(self, bound: Bound) -> date:
        return bound.now.astimezone(self._zone).date()
