"""Strawberry with SQLAlchemy and DataLoaders: what a Python developer would build instead; no sign-in and no rules."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.operations import Operation, Values
from tests.benchmarks.peers.peer import Running, free_port, process

__all__ = ["Strawberry", "install"]

_SERVER = Path(__file__).parent / "strawberry_server"

_DOCUMENTS = {
    "one": """query One($customer: UUID!) {
  customer(id: $customer) { id displayName kind country lifecycleStage status domain createdAt }
}""",
    "page": """query Page($country: String!) {
  customers(country: $country, first: 50) {
    nodes { id displayName kind country lifecycleStage status domain industry createdAt updatedAt }
    hasNextPage endCursor
  }
}""",
    "360": """query Customer360($customer: UUID!) {
  customer(id: $customer) {
    id displayName kind country lifecycleStage status createdAt
    parent { id displayName industry }
    interactions(first: 20) { id kind channel direction subject body occurredAt }
    deals(status: "OPEN", first: 20) { id name status amount amountCurrency expectedCloseDate stage { id name } }
  }
}""",
    "lists": """query Lists($country: String!) {
  customers(country: $country, first: 20) {
    nodes {
      id displayName country
      interactions(first: 5) { id kind subject occurredAt }
      deals(first: 20) { id name status amount amountCurrency stage { id name } }
    }
  }
}""",
    "board": """query Board($pipeline: UUID!) {
  pipeline(id: $pipeline) {
    id name
    stages { id name count total deals(first: 20) { id name amount amountCurrency customer { id displayName } } }
  }
}""",
    "create": """mutation Create($customer: UUID!, $at: DateTime!, $subject: String!, $body: String!) {
  createInteraction(customer: $customer, at: $at, subject: $subject, body: $body) {
    id kind subject occurredAt customer { id displayName }
  }
}""",
}


def install(folder: Path) -> None:
    """Make a virtual environment with what requirements.txt names."""
    if not (folder / "bin" / "uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "-r", str(_SERVER / "requirements.txt")]
        subprocess.run(pip, check=True)


@dataclass(frozen=True)
class Strawberry:
    """See `Peer`.

    Attributes:

        name: what the tables call it.
        url: the database.
        folder: its virtual environment.
    """

    name: str
    url: str
    folder: Path

    def document(self, operation: Operation) -> str:
        """See `Peer`."""
        return _DOCUMENTS[operation.key]

    def variables(self, operation: Operation, values: Values) -> dict[str, Any]:
        """See `Peer`."""
        return dict(values)

    @contextmanager
    def running(self, log: Path) -> Iterator[Running]:
        """See `Peer`."""
        port, uvicorn = free_port(), self.folder / "bin" / "uvicorn"
        command = [str(uvicorn), "app:app", "--port", str(port), "--log-level", "warning", "--timeout-keep-alive", "75"]
        environment = {"DATABASE": self.url.replace("postgresql://", "postgresql+asyncpg://"), "PYTHONPATH": ""}
        with process(command, port, log, _SERVER, environment) as pid:
            yield Running(pid, port)
