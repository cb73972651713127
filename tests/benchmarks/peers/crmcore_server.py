"""crmcore as it is served: `crm serve`, sign-in by token, row rules, limits, a line in the log for each request."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.operations import Operation, Values
from tests.benchmarks.peers.peer import Running, free_port, process

__all__ = ["Crmcore"]


@dataclass(frozen=True)
class Crmcore:
    """See `Peer`.

    Attributes:

        name: what the tables call it.
        url: the database.
        token: who asks.
        plugins: a folder with more plugins, if any.
        environment: more settings.
    """

    name: str
    url: str
    token: str
    plugins: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def document(self, operation: Operation) -> str:
        """See `Peer`."""
        return operation.text

    def variables(self, operation: Operation, values: Values) -> dict[str, Any]:
        """See `Peer`."""
        return operation.variables(values)

    @contextmanager
    def running(self, log: Path) -> Iterator[Running]:
        """See `Peer`."""
        port = free_port()
        command = [sys.executable, "-m", "crmcore.cli", "serve", "--database", self.url, "--port", str(port)]
        # Where this process found crmcore, and more.
        path = os.pathsep.join(str(p) for p in (self.plugins, *sys.path) if p)
        with process(command, port, log, environment={**self.environment, "PYTHONPATH": path}) as pid:
            yield Running(pid, port, {"Authorization": f"Bearer {self.token}"})
