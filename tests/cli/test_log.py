"""The log's two forms."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from crmcore.cli.log import JsonLines, ReadableLines, set_up_log
from crmcore.settings import Log

REQUEST = {
    "method": "POST",
    "path": "/graphql",
    "operation": "Customers",
    "status": 200,
    "ms": 1.25,
    "actor": None,
    "request_id": "request-1",
    "incident": None,
}


def record(message: str = "hello", **extra: Any) -> logging.LogRecord:
    """A record as loggers make them."""
    made = logging.LogRecord("crmcore.http.request", logging.INFO, __file__, 1, message, (), None)
    made.created = 1767323045.25
    made.__dict__.update(extra)
    return made


def test_a_request_is_one_json_object() -> None:
    """With the instant as the API writes instants; what is not known is left out."""
    line = JsonLines().format(record("request", request=REQUEST))
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2026-01-02T03:04:05.250000Z",
        "level": "INFO",
        "logger": "crmcore.http.request",
        "message": "request",
        **{name: value for name, value in REQUEST.items() if value is not None},
    }


def test_a_request_is_one_readable_line() -> None:
    """Status, time, what was asked."""
    line = ReadableLines().format(record("request", request=REQUEST))
    assert line.endswith("200     1.25 ms  POST /graphql  Customers  request-1")


@pytest.mark.parametrize("formatter", [JsonLines(), ReadableLines()])
def test_nobody_writes_lines_of_their_own(formatter: logging.Formatter) -> None:
    """Line breaks and escapes from a client do not reach the terminal or the next line."""
    evil = REQUEST | {"operation": "a\n200 OK\x1b[31m", "path": "/\r\nx"}
    line = formatter.format(record("request", request=evil))
    assert {"\n", "\r", "\x1b"} & set(line) == set()


SLOW = {"operation": "Board", "ms": 812.0, "sql": "select\x1b 1", "plan": "Result\n  Seq Scan", "parameters": None}


def test_a_slow_statement_is_one_json_object_with_its_facts() -> None:
    """What is not known is left out."""
    line = json.loads(JsonLines().format(record("slow", facts=SLOW)))
    assert ("Board", 812.0, "Result\n  Seq Scan") == (line["operation"], line["ms"], line["plan"])
    assert "parameters" not in line


def test_a_slow_statement_is_readable() -> None:
    """SQL and plan have lines of their own, without what could colour them."""
    text = ReadableLines().format(record("slow", facts=SLOW))
    assert ["sql: select? 1", "plan: Result", "    Seq Scan"] == text.splitlines()[1:4]


@pytest.mark.parametrize("formatter", [JsonLines(), ReadableLines()])
def test_a_traceback_is_kept(formatter: logging.Formatter) -> None:
    """An incident can be looked up."""
    made = record("Incident 1", exc_info=(ValueError, ValueError("broken"), None))
    assert "ValueError: broken" in formatter.format(made)


@pytest.mark.parametrize(("format", "is_json"), [("auto", True), ("json", True), ("text", False)])
def test_the_form_follows_the_setting(format: Any, is_json: bool) -> None:
    """`auto` is JSON where no terminal is."""
    stream = io.StringIO()
    set_up_log(Log(format=format), stream)
    logging.getLogger("crmcore.test").info("hello")
    assert stream.getvalue().startswith("{") is is_json
