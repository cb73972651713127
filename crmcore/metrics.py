"""Prometheus' text format (exposition format 0.0.4), and the two kinds of numbers that need more than a counter."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BOUNDS", "CONTENT_TYPE", "Family", "Histogram", "exposition"]

#: An HTTP framework adds the encoding, UTF-8.
CONTENT_TYPE = "text/plain; version=0.0.4"

#: Seconds: upper bounds of a histogram's buckets. Most reads take a millisecond, and none longer than the limit of 30 s.
BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

Labels = Mapping[str, str]


class Histogram:
    """How often something took how long.

    Attributes:

        buckets: how many took at most the bound at this position of `BOUNDS` and more than the one before; the last is
            for those above all bounds.
        seconds: how long all took together.
    """

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def samples(self, labels: Labels) -> Iterable[tuple[str, Labels, float]]:
        """Give the lines of a histogram: name's ending, labels, value."""
        total = 0
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], self.buckets, strict=True):
            total += count
            yield "_bucket", {**labels, "le": bound}, total
        yield "_sum", labels, self.seconds
        yield "_count", labels, total


class Family:
    """One metric with all its labels.

    Args:

        name: as Prometheus wants it: `crm_` first, the unit, and `_total` at the end of a counter.
        kind: `counter`, `gauge` or `histogram`.
        help: one sentence.
        samples: the name's ending ("" for a plain number), labels, value.
    """

    def __init__(self, name: str, kind: str, help: str, samples: Iterable[tuple[str, Labels, float]]) -> None:
        self.name, self.kind, self.help = name, kind, help
        self.samples: Sequence[tuple[str, Labels, float]] = tuple(samples)


def exposition(families: Iterable[Family]) -> str:
    """Write families as text; one without samples is left out."""
    lines: list[str] = []
    for family in families:
        if family.samples:
            lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}"]
            lines += [f"{family.name}{ending}{_labels(labels)} {value!r}" for ending, labels, value in family.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
