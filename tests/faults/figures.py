"""How much a run has tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.faults.client import Client
from tests.faults.evidence import Evidence
from tests.faults.journal import Journal
from tests.faults.stage import Stage
from tests.faults.witnesses import Witnesses

__all__ = ["figures"]


def figures(
    stage: Stage, journal: Journal, clients: Sequence[Client], witnesses: Witnesses, evidence: Evidence
) -> Counter[str]:
    """Count what happened."""
    entries = journal.entries.values()
    told = [effect["told"] for effect in evidence.effects]
    messages = [times for endpoint in witnesses.receiver.endpoints.values() for times in endpoint.told.values()]
    return Counter(
        {
            "intents": len(entries),
            "done": sum(1 for _ in journal.done()),
            "refused": sum(e.answer is not None and e.answer.code is not None for e in entries),
            "requests sent": sum(entry.sent for entry in entries),
            "answers that never came": sum(client.lost for client in clients),
            "answers swallowed": sum(proxy.swallowed for proxy in stage.target.proxies),
            "intents asked again later": sum(client.again for client in clients),
            "events": len(evidence.events),
            "effects of handlers": len(told),
            "of them told more than once": sum(times > 1 for times in told),
            "effects of jobs": len(evidence.postings),
            "attempts at either": sum(trace["at"] == "begin" for trace in evidence.traces),
            "webhook messages": len(messages),
            "of them taken more than once": sum(times > 1 for times in messages),
            "subscription broken": witnesses.subscriber.breaks,
            "processes started": sum(s.starts for s in (*stage.target.servers, *stage.target.workers)),
        }
    )
