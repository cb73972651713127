"""A clock that all processes of a run share: it goes faster than time, and jumps where it is told to."""

from __future__ import annotations

import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

__all__ = ["SPEED", "VARIABLE", "ZONE", "Warp", "next_turn"]

#: The variable that names the file.
VARIABLE = "LOYALTY_FAULTS_CLOCK"
#: Seconds of the clock in a second of ours.
SPEED = 30.0
#: The zone of the test's program; it has daylight saving time.
ZONE = ZoneInfo("America/New_York")

_SHAPE = struct.Struct("<ddI")


class Warp:
    """The clock, in a file.

    Args:

        path: of the file; it is made by `set`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def now(self) -> datetime:
        """Return what it shows, aware UTC."""
        while True:
            said = os.pread(self._file, _SHAPE.size, 0)
            real, shown, check = _SHAPE.unpack(said)
            if crc32(said[:16]) == check:
                return datetime.fromtimestamp(shown + (time.time() - real) * SPEED, UTC)

    def set(self, shown: datetime) -> None:
        """Let it show an instant now, and go on from there."""
        body = struct.pack("<dd", time.time(), shown.timestamp())
        os.pwrite(self._file, body + struct.pack("<I", crc32(body)), 0)


def next_turn(now: datetime, nth: int) -> datetime:
    """Return an instant shortly before a day at which time does something: a year's end, daylight saving, or any month's end.

    Args:

        now: the turn lies after it.
        nth: which of the turns that come next, 0 is the next one.
    """
    local = now.astimezone(ZONE)
    turns = sorted(
        turn for year in (local.year, local.year + 1) for turn in _turns(year) if turn > now + timedelta(minutes=10)
    )
    return turns[nth] - timedelta(minutes=5)


def _turns(year: int) -> list[datetime]:
    midnights = [datetime(year, month, 1, tzinfo=ZONE) for month in (1, 4, 7, 10)]
    # The second Sunday of March and the first of November, at two.
    saving = [_sunday(year, 3, 2), _sunday(year, 11, 1)]
    return [turn.astimezone(UTC) for turn in (*midnights, *saving)]


def _sunday(year: int, month: int, nth: int) -> datetime:
    first = datetime(year, month, 1, 2, tzinfo=ZONE)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
