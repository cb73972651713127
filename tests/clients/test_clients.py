"""Real GraphQL clients, unchanged, against a real server."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.cli.test_serve import Served
from tests.clients.conftest import Run


def test_all_audits_of_graphql_http_pass(demo: Served, run: Run) -> None:
    """MUST, SHOULD and MAY of GraphQL over HTTP, as npm's graphql-http tests them."""
    assert run(demo, "node", "audit.mjs").strip() == "61"


@pytest.mark.parametrize("client", ["apollo", "urql", "graphql_request", "websocket", "events"])
def test_a_client_works(demo: Served, run: Run, client: str) -> None:
    """Its script reads, pages, writes, meets errors and goes by GET; Apollo's uses automatic persisted queries too."""
    run(demo, "node", f"{client}.mjs")


def test_relay_compiles(relay: Path) -> None:
    """A connection, refetchable fragments on Query and on a node, and a mutation; Relay adds ids and type names."""
    texts = json.loads(relay.read_text())
    assert {text.split("(")[0].split()[-1] for text in texts.values()} == {
        "customersQuery",
        "customersListPageQuery",
        "customersDetailsRefetchQuery",
        "customersRenameMutation",
    }


def test_the_code_generator_makes_types_that_compile(codegen: Path) -> None:
    """From introspection over HTTP; under TypeScript's strict rules."""
    assert len(json.loads(codegen.read_text())) == 2


def test_relay_runs_by_persisted_documents(closed: Served, run: Run) -> None:
    """Its runtime reads a connection, a node and a mutation's payload, sending ids alone."""
    run(closed, "node", "relay.mjs")


def test_a_generated_application_runs_by_persisted_documents(closed: Served, run: Run) -> None:
    """A query and a mutation by the hashes that the code generator gave them."""
    run(closed, "node", "codegen/built/src/main.js")


def test_nothing_else_is_answered(closed: Served) -> None:
    """The list is closed, to the administrator as well."""
    headers = {"authorization": f"Bearer {closed.printed['Token']}"}
    answer = httpx.post(closed.printed["API"], json={"query": "{ me { id } }"}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "PERSISTED_DOCUMENTS_ONLY")
