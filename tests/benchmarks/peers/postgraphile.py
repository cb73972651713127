"""PostGraphile 5, the fastest of the peers: the same tables, one process, no sign-in and no rules."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.driver import FRESH
from tests.benchmarks.operations import Operation, Values
from tests.benchmarks.peers.peer import Running, free_port, process

__all__ = ["PostGraphile", "install"]

_SERVER = Path(__file__).parent / "postgraphile_server"

_DOCUMENTS = {
    "one": """query One($customer: UUID!) {
  customerByRowId(rowId: $customer) { rowId displayName kind country lifecycleStage status domain createdAt }
}""",
    "page": """query Page($country: String!) {
  allCustomers(
    condition: {country: $country, deletedAt: null}, orderBy: [CREATED_AT_DESC, PRIMARY_KEY_DESC], first: 50
  ) {
    nodes { rowId displayName kind country lifecycleStage status domain industry createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}""",
    "360": """query Customer360($customer: UUID!) {
  customerByRowId(rowId: $customer) {
    rowId displayName kind country lifecycleStage status createdAt
    customerByParentId { rowId displayName industry }
    interactionsByCustomerId(condition: {deletedAt: null}, orderBy: [OCCURRED_AT_DESC, PRIMARY_KEY_DESC], first: 20) {
      nodes { rowId kind channel direction subject body occurredAt }
    }
    dealsByCustomerId(condition: {status: "OPEN", deletedAt: null}, orderBy: [PRIMARY_KEY_DESC], first: 20) {
      nodes { rowId name status amount amountCurrency expectedCloseDate stageByStageId { rowId name } }
    }
  }
}""",
    "lists": """query Lists($country: String!) {
  allCustomers(
    condition: {country: $country, deletedAt: null}, orderBy: [CREATED_AT_DESC, PRIMARY_KEY_DESC], first: 20
  ) {
    nodes {
      rowId displayName country
      interactionsByCustomerId(condition: {deletedAt: null}, orderBy: [OCCURRED_AT_DESC, PRIMARY_KEY_DESC], first: 5) {
        nodes { rowId kind subject occurredAt }
      }
      dealsByCustomerId(condition: {deletedAt: null}, orderBy: [PRIMARY_KEY_DESC], first: 20) {
        nodes { rowId name status amount amountCurrency stageByStageId { rowId name } }
      }
    }
  }
}""",
    "board": """query Board($pipeline: UUID!) {
  pipelineByRowId(rowId: $pipeline) {
    rowId name
    stagesByPipelineId(condition: {kind: "OPEN", deletedAt: null}, orderBy: [POSITION_ASC]) {
      nodes {
        rowId name
        dealsByStageId(condition: {deletedAt: null}, orderBy: [RANK_ASC, PRIMARY_KEY_ASC], first: 20) {
          totalCount
          aggregates { sum { baseAmount } }
          nodes { rowId name amount amountCurrency customerByCustomerId { rowId displayName } }
        }
      }
    }
  }
}""",
    "create": """mutation Create($interaction: InteractionInput!) {
  createInteraction(input: {interaction: $interaction}) {
    interaction { rowId kind subject occurredAt customerByCustomerId { rowId displayName } }
  }
}""",
}
#: What crmcore fills in by itself is sent here, for the tables have no defaults.
_CALL = {
    "kind": "CALL",
    "channel": "PHONE",
    "direction": "OUTBOUND",
    "status": "COMPLETED",
    "bodyFormat": "PLAIN",
    "visibility": "ALL",
    "isPinned": False,
    "isInternal": False,
}
_BY = {"type": "SYSTEM", "id": None, "label": "Benchmark"}


def install(folder: Path) -> None:
    """Install what package.json names into a folder: PostGraphile, and a Node that is new enough for it."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in _SERVER.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    if not (folder / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True)


@dataclass(frozen=True)
class PostGraphile:
    """See `Peer`.

    Attributes:

        name: what the tables call it.
        url: the database.
        folder: where it is installed.
    """

    name: str
    url: str
    folder: Path

    def document(self, operation: Operation) -> str:
        """See `Peer`."""
        return _DOCUMENTS[operation.key]

    def variables(self, operation: Operation, values: Values) -> dict[str, Any]:
        """See `Peer`."""
        if operation.key != "create":
            return dict(values)
        at, said = values["at"], {"subject": values["subject"], "body": values["body"]}
        stamps = {"createdAt": at, "updatedAt": at, "createdBy": _BY, "updatedBy": _BY}
        moments = {"occurredAt": at, "completedAt": at}
        return {"interaction": {"rowId": FRESH, **stamps, **_CALL, **moments, "customerId": values["customer"], **said}}

    @contextmanager
    def running(self, log: Path) -> Iterator[Running]:
        """See `Peer`."""
        port, node = free_port(), next(self.folder.glob("node_modules/node-linux-*/bin/node"))
        environment = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        with process([str(node), "server.mjs", self.url, str(port)], port, log, self.folder, environment) as pid:
            yield Running(pid, port)
