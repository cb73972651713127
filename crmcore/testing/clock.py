"""The clock of a test: the time that the whole CRM takes for the present, moved as the test likes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from crmcore import clock
from crmcore.database import ids

__all__ = ["Clock"]


class Clock:
    """Goes as the real one does until it is moved; once it is set it stands, so that instants can be compared.

    Example:

        crm.clock.set(datetime(2026, 1, 5, 9, tzinfo=UTC))
        crm.clock.move(days=1, hours=2)

    What the databases measure by themselves (the leases of workers, time limits of statements) goes on in real time.

    Attributes:

        began: the earliest instant that it was made, set or moved to: schedules count from there.
    """

    def __init__(self) -> None:
        self.began = datetime.now(UTC)
        self._ahead = timedelta()
        self._stands: datetime | None = None
        self._taken: AbstractContextManager[None] | None = None
        self._last_id = 0

    def now(self) -> datetime:
        """Return what it shows, aware UTC."""
        return self._stands or datetime.now(UTC) + self._ahead

    def set(self, at: datetime) -> None:
        """Let it stand at an instant, from now on.

        Raises:

            ValueError: the instant is naive.
        """
        if at.tzinfo is None:
            msg = f"The clock cannot be set to {at}, which may be anywhere; add tzinfo=UTC."
            raise ValueError(msg)
        self._show(at.astimezone(UTC))

    def move(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move it on, or back if the sum is negative."""
        by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if self._stands is not None:
            self._show(self._stands + by)
        else:
            self._take()
            self._ahead += by
            self._follow()

    def close(self) -> None:
        """Give the time back to the real clock."""
        if self._taken is not None:
            self._taken.__exit__(None, None, None)
            self._taken, self._stands, self._ahead = None, None, timedelta()
            # What the test made is in its own database: nothing that comes need be greater than that.
            ids._last = self._last_id

    def _show(self, at: datetime) -> None:
        self._take()
        self._stands = at
        self._follow()

    def _take(self) -> None:
        if self._taken is None:
            self._last_id = ids._last
            self._taken = clock.at(self.now)
            self._taken.__enter__()

    def _follow(self) -> None:
        self.began = min(self.began, self.now())
        # Ids are never smaller than those before, so in the past they would stand still: they tell the time too.
        ids._last = min(ids._last, int(self.now().timestamp() * 1000) << 42)
