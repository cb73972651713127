"""One log record a request: method, path, operation, status, time, actor and ids; never bodies, variables or secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import time
from typing import Any

from crmcore.http.asgi import Scope
from crmcore.http.trace import Trace

__all__ = ["log_request"]

#: Writes the line of a request: when it ended as `time.time` has it, level, and its parts by name.
_Write = Callable[[float, str, dict[str, Any]], None]

_requests = logging.getLogger("crmcore.http.request")
_NAMES = {logging.INFO: "INFO", logging.ERROR: "ERROR"}
_TEMPLATE = vars(logging.makeLogRecord({"name": _requests.name, "msg": "request"}))


class _Record(logging.LogRecord):
    # An ordinary record looks up caller, thread, process and task: 15 µs of the 60 that a query by id takes.
    def __init__(self, at: float, level: int, request: dict[str, Any]) -> None:
        self.__dict__ = {
            **_TEMPLATE,
            "created": at,
            "msecs": at % 1 * 1000,
            "levelno": level,
            "levelname": _NAMES[level],
            "request": request,
        }


def log_request(scope: Scope, trace: Trace, seconds: float) -> None:
    """Log a request that took so many seconds; the record's attribute `request` has the parts.

    The query string is left out: it may hold what a person typed.
    """
    level = logging.ERROR if trace.status >= 500 else logging.INFO
    if not _requests.isEnabledFor(level):
        return
    path = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")[:200]
    request = {
        "method": scope["method"][:20],
        "path": path,
        "operation": trace.operation,
        "status": trace.status,
        "ms": round(seconds * 1000, 2),
        "actor": trace.actor.id if trace.actor else None,
        "request_id": trace.request_id,
        "incident": trace.incident,
    }
    if _requests.filters or _requests.disabled:
        _requests.handle(_Record(time(), level, request))
    elif (write := _writer(level)) is not None:
        write(time(), _NAMES[level], request)
    else:  # as `handle`, without looking for filters that are not there
        _requests.callHandlers(_Record(time(), level, request))


def _writer(level: int) -> _Write | None:
    """Return how the only handler there is writes requests, if it can do without a record; see `crmcore.cli.log`."""
    found: logging.Handler | None = None
    logger: logging.Logger | None = _requests
    while logger is not None:
        for handler in logger.handlers:
            if found is not None or handler.filters or level < handler.level:
                return None
            found = handler
        logger = logger.parent if logger.propagate else None
    return getattr(found, "write_request", None)
