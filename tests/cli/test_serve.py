"""`crm serve` as people start it: in a process of its own, on a port of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import crmcore
from tests.cli.conftest import done, run

MOVE = """
mutation Move($deal: ID!, $stage: ID!) {
  moveDeal(id: $deal, stageId: $stage) { ... on Deal { id stage { id } } ... on Problem { code message } }
}
"""
OPEN = """
{ deals(first: 1, filter: {stage: {kind: {eq: OPEN}}}) {
    nodes { id name stage { id } customer { displayName } pipeline { stages { nodes { id kind } } } } totalCount } }
"""


@dataclass
class Served:
    """A server that runs.

    Attributes:

        printed: what it printed, by name (`API`, `Token`, ...).
        process: its process.
    """

    printed: dict[str, str]
    process: subprocess.Popen[str]

    def ask(self, query: str, variables: Any = None, token: str | None = None) -> Any:
        """Post an operation with the printed token and return its data."""
        headers = {"authorization": f"Bearer {token or self.printed['Token']}"}
        body = {"query": query, "variables": variables}
        answer = httpx.post(self.printed["API"], json=body, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def stop(self) -> tuple[int, str]:
        """Send SIGTERM; return exit code and log."""
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=30)
        return self.process.returncode, log


@contextmanager
def served(*words: str) -> Iterator[Served]:
    """Run `crm serve` on a free port while the block runs; begins when it has printed how it is reached."""
    environment = {**os.environ, "PYTHONPATH": str(Path(crmcore.__file__).parents[1]), "CRM_LOG_FORMAT": "json"}
    process = subprocess.Popen(
        [sys.executable, "-m", "crmcore.cli", "serve", "--port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield Served(_printed(process), process)
    finally:
        process.kill()
        process.communicate()


def _printed(process: subprocess.Popen[str]) -> dict[str, str]:
    lines: dict[str, str] = {}
    assert process.stdout is not None
    assert process.stderr is not None
    for line in process.stdout:
        name, _, text = line.strip().partition(" ")
        lines[name] = text.strip()
        if name == "Token":
            return lines
    pytest.fail(f"crm serve ended: {process.stderr.read()}")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demonstration, as the README starts it."""
    database = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    with served("--demo", "--size", "small", "--database", database) as server:
        yield server


def test_customers_are_there(demo: Served) -> None:
    """The demonstration has the customers that were asked for."""
    found = demo.ask("{ customers(first: 5) { nodes { id displayName } totalCount } }")["customers"]
    assert (len(found["nodes"]), found["totalCount"] >= 200) == (5, True)


def test_a_query_goes_by_get_too(demo: Served) -> None:
    """With the token in the header."""
    headers = {"authorization": f"Bearer {demo.printed['Token']}"}
    answer = httpx.get(demo.printed["API"], params={"query": "{ deals { totalCount } }"}, headers=headers)
    assert answer.json()["data"]["deals"]["totalCount"] > 0


def test_a_customer_is_made(demo: Served) -> None:
    """The README's first mutation."""
    made = demo.ask(
        'mutation { createCustomer(data: {kind: PERSON, givenName: "伟", familyName: "张", locale: "zh-Hans-CN"}) '
        "{ ... on Customer { id displayName } ... on Problem { code message } } }"
    )
    assert made["createCustomer"]["displayName"] == "张伟"


def test_a_deal_is_moved(demo: Served) -> None:
    """To another open stage of its pipeline."""
    (deal,) = demo.ask(OPEN)["deals"]["nodes"]
    stages = [s["id"] for s in deal["pipeline"]["stages"]["nodes"] if s["kind"] == "OPEN"]
    other = next(id for id in stages if id != deal["stage"]["id"])
    moved = demo.ask(MOVE, {"deal": deal["id"], "stage": other})["moveDeal"]
    assert moved == {"id": deal["id"], "stage": {"id": other}}


def test_the_explorer_asks_who_it_is(demo: Served) -> None:
    """The printed address leads to the sign-in page, and with the token to GraphiQL."""
    with httpx.Client(follow_redirects=True) as browser:
        page = browser.get(demo.printed["GraphiQL"])
        signed_in = browser.post(page.url.join("/auth/sign-in"), data={"token": demo.printed["Token"]})
        asked = browser.post(demo.printed["API"], json={"query": "{ customers(first: 1) { nodes { id } } }"})
    assert (page.url.path, signed_in.url.path) == ("/sign-in", "/graphiql")
    assert len(asked.json()["data"]["customers"]["nodes"]) == 1


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'crm.db'}"


def test_a_new_database_is_made_ready_and_a_token_shown_once(database: str) -> None:
    """The first start prints a token that keeps working; the second start prints none. Both end well on SIGTERM."""
    with served("--database", database) as first:
        token = first.printed["Token"]
        first.ask('mutation { createTag(data: {name: "kept"}) { __typename } }')
        assert first.stop()[0] == 0
    with served("--database", database) as second:
        tags = second.ask("{ tags { nodes { name } } }", token=token)["tags"]["nodes"]
        code, log = second.stop()
    assert (token.startswith("crm_"), "crm_" in second.printed["Token"]) == (True, False)
    assert (tags, code) == ([{"name": "kept"}], 0)
    assert [json.loads(line)["level"] for line in log.splitlines()] == ["INFO"]


def test_pending_migrations_are_refused_with_the_command(database: str, url_down: Callable[[str], None]) -> None:
    """A database that lacks a migration is not touched."""
    url_down(database)
    result = run("serve", "--port", "0", "--database", database)
    assert (result.exit_code, "crm migrate" in result.stderr) == (3, True)


@pytest.fixture
def url_down() -> Callable[[str], None]:
    """A function that makes a database which lacks a migration."""

    def make(url: str) -> None:
        done(run("migrate", "--database", url))
        done(run("migrate", "--down", "interactions", "0", "--database", url))

    return make


def test_a_demonstration_never_touches_the_settings_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --database, --demo works on a file of its own, whatever the settings name."""
    monkeypatch.setenv("CRM_DATABASE", f"sqlite:///{tmp_path / 'real.db'}")
    with served("--demo", "--size", "5") as server:
        assert server.printed["Database"] == "crm-demo.db"
    assert (tmp_path / "crm-demo.db").exists()
    assert not (tmp_path / "real.db").exists()


def test_a_demonstration_goes_on_where_it_was(database: str) -> None:
    """A second start seeds nothing again and prints a token for the day."""
    words = ("--demo", "--size", "5", "--database", database)
    counts = []
    for _ in range(2):
        with served(*words) as server:
            counts.append(server.ask("{ customers { totalCount } }")["customers"]["totalCount"])
            assert server.stop()[0] == 0
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("size", ["0", "-3", "tiny", "1e9", "99999999999"])
def test_a_size_that_is_none_is_refused(size: str) -> None:
    """Exit code 2 names the sizes."""
    result = run("serve", "--demo", "--size", size)
    assert (result.exit_code, "small (200)" in result.stderr) == (2, True)
