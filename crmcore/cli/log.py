"""The log of the process: JSON lines for machines, or text for people, on standard error."""

from __future__ import annotations

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


class ReadableLines(logging.Formatter):
    """A line to read: time, level where it matters, and what happened."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        request: dict[str, Any] | None = getattr(record, "request", None)
        if request is not None:
            return f"{at}  {_request_text(request)}"
        text = f"{at}  {record.levelname:<7} {record.getMessage()}{_facts_text(getattr(record, 'facts', {}))}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class _Handler(logging.StreamHandler[TextIO]):
    """The ordinary one without its second lock, since `handle` holds it when it calls `emit`, and with fewer calls a line."""

    def handle(self, record: logging.LogRecord) -> bool:
        if self.filters or self.lock is None:
            return bool(super().handle(record))
        with self.lock:
            self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        try:
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
    handler = _Handler(stream)
    handler.setFormatter(ReadableLines() if readable else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    # uvicorn tells of each start, stop and broken connection at INFO; the request log and `crm serve` say what matters.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


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
