"""How soon threads give Python's lock to each other, while one of them works for those that the event loop serves."""

from __future__ import annotations

import sys
from types import TracebackType

__all__ = ["BRISK"]

#: Seconds. By default it is 5 ms, for which a thread would wait wherever it comes back from SQLite while the event loop has
#: something to do: a group of creates comes back twenty times (docs/decisions/0055).
_SOON = 20e-6


class _Brisk:
    """`with BRISK:` has them do it soon; the last one out has it as it was."""

    def __init__(self) -> None:
        self._inside, self._usual = 0, 0.0

    def __enter__(self) -> None:
        if not self._inside:
            self._usual = sys.getswitchinterval()
            sys.setswitchinterval(_SOON)
        self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        if not self._inside:
            sys.setswitchinterval(self._usual)


#: Of the process, as the interval is; used on the event loop's thread.
BRISK = _Brisk()
