"""The log of the process: JSON lines for machines, or text for people, on standard error."""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

if TYPE_CHECKING:
    from crmcore.settings import Log

_encode = msgspec.json.Encoder().encode

__all__ = ["JsonLines", "ReadableLines", "set_up_log"]


class _Ended(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The line of a request that has ended, in the order in which it is written; what is None is left out."""

    at: str
    level: str
    logger: str
    message: str
    method: str
    path: str
    operation: str | None = None
    status: int
    ms: float
    actor: str | None = None
    request_id: str | None = None
    incident: str | None = None


class JsonLines(logging.Formatter):
    """One JSON object a line: `at`, `level`, `logger`, `message`, a request's parts or other facts, and any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line: dict[str, Any] = {
            "at": _wire(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage() if record.args or type(record.msg) is not str else record.msg,
        }
        parts = vars(record)
        for more in ("request", "facts"):
            if more in parts:
                line |= {k: v for k, v in parts[more].items() if v is not None}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _encode(line).decode()

    @staticmethod
    def request(at: float, level: str, request: dict[str, Any]) -> str:
        """Write what `format` does of the record of a request."""
        line = _Ended(at=_wire(at), level=level, logger="crmcore.http.request", message="request", **request)
        return _encode(line).decode()


class ReadableLines(logging.Formatter):
    """A line to read: time, level where it matters, and what happened."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        request: dict[str, Any] | None = getattr(record, "request", None)
        if request is not None:
            return self.request(record.created, record.levelname, request)
        text = f"{_clock(record.created)}  {record.levelname:<7} {record.getMessage()}{_facts_text(getattr(record, 'facts', {}))}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text

    @staticmethod
    def request(at: float, _level: str, request: dict[str, Any]) -> str:
        """Write what `format` does of the record of a request."""
        return f"{_clock(at)}  {_request_text(request)}"


#: Lines that wait for the end of their round at most, should it never come.
_MOST_WAITING = 1000


class _Handler(logging.StreamHandler[TextIO]):
    """The ordinary one with fewer calls a line; the lines of requests that end in one round of the event loop go in one write.

    What a process logs comes out in order, and no line is lost but those of the last round of one that is killed.
    """

    def __init__(self, stream: TextIO, lines: JsonLines | ReadableLines) -> None:
        super().__init__(stream)
        self.setFormatter(lines)
        self._write = lines.request
        self._waiting: list[str] = []
        self._called = False

    def write_request(self, at: float, level: str, request: dict[str, Any]) -> None:
        """Log a request as the record would be that `crmcore.http.log` makes of it otherwise; see there."""
        self._waiting.append(self._write(at, level, request) + self.terminator)
        if self._called and len(self._waiting) < _MOST_WAITING:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
        else:
            self._called = True
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what waits."""
        self._called = False
        if self.lock is None:
            return
        with self.lock:
            # One list always, so that what another thread adds meanwhile stays in it.
            count = len(self._waiting)
            text = "".join(self._waiting[:count])
            del self._waiting[:count]
            try:
                if text:
                    self.stream.write(text)
                super().flush()
            except Exception:
                self.handleError(logging.makeLogRecord({"msg": "request"}))

    def handle(self, record: logging.LogRecord) -> bool:
        if self.filters or self.lock is None:
            return bool(super().handle(record))
        with self.lock:
            self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self._waiting:
                self.flush()
            # The lock that `handle` holds is not taken again.
            self.stream.write(self.format(record) + self.terminator)
            self.stream.flush()
        except RecursionError:
            raise
        except Exception:
            self.handleError(record)


def set_up_log(settings: Log, stream: TextIO | None = None) -> None:
    """Send the log of the process to one stream.

    Args:

        settings: level and format.
        stream: where to; standard error if None.
    """
    stream = stream or sys.stderr
    readable = settings.format == "text" or (settings.format == "auto" and stream.isatty())
    handler = _Handler(stream, ReadableLines() if readable else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    # uvicorn tells of each start, stop and broken connection at INFO; the request log and `crm serve` say what matters.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%H:%M:%S")


def _wire(seconds: float) -> str:
    # The form of crmcore.database.instants; writing date and time anew for each line takes a tenth of the line's time.
    whole, part = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{_to_the_second(whole)}.{part:06d}Z"


@lru_cache(2)
def _to_the_second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _request_text(request: dict[str, Any]) -> str:
    parts = [f"{request['status']} {request['ms']:>8.2f} ms  {request['method']} {_printable(request['path'])}"]
    parts += [_printable(str(request[k])) for k in ("operation", "actor", "request_id") if request[k] is not None]
    parts += [f"incident {request['incident']}"] if request["incident"] else []
    return "  ".join(parts)


def _facts_text(facts: dict[str, Any]) -> str:
    shown = {k: v for k, v in facts.items() if k in ("sql", "parameters", "plan") and v is not None}
    return "".join(f"\n{k}: {_printable_lines(str(v))}" for k, v in shown.items())


def _printable_lines(text: str) -> str:
    return "\n  ".join(map(_printable, text.splitlines()))


def _printable(text: str) -> str:
    """Keep a client from writing lines, or colours, of its own into the log."""
    return "".join(c if c.isprintable() else "?" for c in text)
