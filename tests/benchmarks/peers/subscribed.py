"""crmcore as it is served, while others listen for changes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.benchmarks.operations import Operation, Values
from tests.benchmarks.peers.crmcore_server import Crmcore
from tests.benchmarks.peers.peer import Running

__all__ = ["SUBSCRIBERS", "Subscribed"]

SUBSCRIBERS = 100


@dataclass(frozen=True)
class Subscribed:
    """See `Peer`; a process of its own holds the subscribers' WebSockets.

    Attributes:

        crmcore: the server.
    """

    crmcore: Crmcore

    @property
    def name(self) -> str:
        """See `Peer`."""
        return f"{self.crmcore.name}, {SUBSCRIBERS} subscribers"

    def document(self, operation: Operation) -> str:
        """See `Peer`."""
        return self.crmcore.document(operation)

    def variables(self, operation: Operation, values: Values) -> dict[str, Any]:
        """See `Peer`."""
        return self.crmcore.variables(operation, values)

    @contextmanager
    def running(self, log: Path) -> Iterator[Running]:
        """See `Peer`."""
        served = replace(self.crmcore, environment={"CRM_SUBSCRIPTIONS_PER_ACTOR": str(SUBSCRIBERS)})
        with served.running(log) as running:
            command = [sys.executable, "-m", "tests.benchmarks.listeners", str(running.port), str(SUBSCRIBERS)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listeners:
                assert listeners.stdin is not None
                assert listeners.stdout is not None
                try:
                    listeners.stdin.write(f"{self.crmcore.token}\n")
                    listeners.stdin.flush()
                    if listeners.stdout.readline() != "ready\n":
                        msg = "The subscribers could not subscribe; what they said stands above."
                        raise RuntimeError(msg)
                    yield running
                    if listeners.poll() is not None:
                        msg = "The subscribers left before the end; what they said stands above."
                        raise RuntimeError(msg)
                finally:
                    listeners.terminate()
