"""Processor time and memory of processes, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["children", "memory", "processor_time"]

_TICK = 1 / os.sysconf("SC_CLK_TCK")


def processor_time(pid: int) -> float:
    """Return the seconds a process and all below it have worked, those that have ended included."""
    # What has ended since is counted by its parent.
    return _TICK * sum(sum(map(int, _stat(each)[11:15] or ())) for each in [pid, *children(pid)])


def memory(pid: int) -> float:
    """Return the memory of a process and all below it in MiB; what they share with others is divided (PSS)."""
    return sum(_pss(each) for each in [pid, *children(pid)]) / 1024


def children(pid: int) -> list[int]:
    """Return the processes below a process."""
    parents = {int(p.name): _parent(int(p.name)) for p in Path("/proc").iterdir() if p.name.isdigit()}
    found, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def _parent(pid: int) -> int:
    return int((_stat(pid)[1:2] or ["0"])[0])


def _stat(pid: int) -> list[str]:
    # After the name, which may hold anything: state, parent, ...; then user, system, and both of ended children.
    return _read(pid, "stat").rpartition(")")[2].split()


def _pss(pid: int) -> int:
    return sum(int(line.split()[1]) for line in _read(pid, "smaps_rollup").splitlines() if line.startswith("Pss:"))


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return ""
