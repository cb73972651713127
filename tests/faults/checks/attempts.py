"""No piece of work is done by two at once, nor two pieces of a lane that takes one at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.evidence import Evidence, Row

__all__ = ["check"]


def check(evidence: Evidence) -> Iterator[str]:
    """Compare the times of attempts that came to their end.

    A process that stood still may go on with what has been taken from it meanwhile, and so may one that could not renew
    its lease in time; what it does then must have no effect, which other checks look at.
    """
    late = evidence.paused | {trace["pid"] for trace in evidence.traces if trace["at"] == "lost"}
    pieces, lanes = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    for attempt in evidence.traces:
        if attempt["at"] == "end" and attempt["pid"] not in late:
            pieces[f"{attempt['name']} {attempt['key']}"].append(attempt)
            if attempt["lane"]:
                lanes[f"{attempt['name']} of {attempt['lane']}"].append(attempt)
    for what, attempts in (*pieces.items(), *lanes.items()):
        attempts.sort(key=lambda a: a["began"])
        for first, second in pairwise(attempts):
            if second["began"] < first["time"]:
                yield f"{what} was done by processes {first['pid']} and {second['pid']} at the same time"
                break
