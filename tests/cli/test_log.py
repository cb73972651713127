"""The log's two forms."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crmcore.cli.log import JsonLines, ReadableLines, set_up_log
from crmcore.http.log import log_request
from crmcore.http.trace import Trace
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


@pytest.mark.parametrize("formatter", [JsonLines(), ReadableLines()])
@pytest.mark.parametrize(
    "request_", [REQUEST, REQUEST | {"actor": "user_1", "incident": "abc", "status": 500, "operation": None}]
)
def test_a_request_without_a_record_has_the_same_line(
    formatter: JsonLines | ReadableLines, request_: dict[str, Any]
) -> None:
    """The handler writes requests without the record that others would get."""
    made = record("request", request=request_)
    assert formatter.format(made) == formatter.request(made.created, made.levelname, request_)


class Stream(io.StringIO):
    """Notes each write."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@contextmanager
def logging_alone() -> Iterator[Stream]:
    """Have nobody but our own handler hear the log, pytest neither; gives what it writes to."""
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    stream = Stream()
    set_up_log(Log(format="json"), stream)
    try:
        yield stream
    finally:
        root.handlers[:] = kept
        root.setLevel(level)


def end(name: str) -> None:
    """Log a request as the front door does."""
    scope = {"method": "POST", "path": "/graphql", "headers": []}
    trace = Trace(scope)
    trace.operation, trace.status = name, 200
    log_request(scope, trace, 0.001)


def told(stream: Stream) -> list[str]:
    """Operations and messages, in the order of the log; each line is whole."""
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line.get("operation", line["message"]) for line in lines]


async def test_requests_of_a_round_go_in_one_write() -> None:
    """In the order in which they ended, by the next round."""
    with logging_alone() as stream:
        for name in "abc":
            end(name)
        assert [] == stream.writes
        await asyncio.sleep(0)
        assert (["a", "b", "c"], 1) == (told(stream), len(stream.writes))
        end("d")
        await asyncio.sleep(0)
        assert ["a", "b", "c", "d"] == told(stream)


async def test_what_else_is_logged_comes_in_its_turn() -> None:
    """Behind the requests that had ended, before those that end later."""
    with logging_alone() as stream:
        end("a")
        logging.getLogger("crmcore.test").warning("between")
        end("b")
        await asyncio.sleep(0)
        assert ["a", "between", "b"] == told(stream)


def test_where_no_loop_runs_a_request_is_written_at_once() -> None:
    """Nobody would come by later."""
    with logging_alone() as stream:
        end("a")
        assert ["a"] == told(stream)


def test_a_process_that_ends_writes_what_waits() -> None:
    """Python flushes its handlers then, even if the loop was closed in the middle of a round."""
    with logging_alone() as stream:
        loop = asyncio.new_event_loop()

        async def request() -> None:
            end("a")
            loop.stop()

        task = loop.create_task(request())
        loop.run_forever()
        loop.close()
        assert (True, []) == (task.done(), stream.writes)
        logging.shutdown()
        assert ["a"] == told(stream)


async def test_who_listens_besides_gets_records(caplog: pytest.LogCaptureFixture) -> None:
    """A handler of somebody else, wherever it is, has the parts of each request; the line stays."""
    with logging_alone() as stream:
        logger = logging.getLogger("crmcore.http")
        logger.addHandler(caplog.handler)
        try:
            end("a")
        finally:
            logger.removeHandler(caplog.handler)
        assert ["a"] == [vars(heard)["request"]["operation"] for heard in caplog.records]
        assert ["a"] == told(stream)
