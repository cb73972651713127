"""The fault test of loyalty from the command line: in `plugins/loyalty/tests`, `python -m faults`, or a part of it."""

# ruff: noqa: T201 - it talks to whoever runs it

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sys
from collections.abc import Iterator, Sequence

from faults.planted import PLANTED
from faults.run import run
from tests.faults.plan import Plan
from tests.faults.report import shown
from tests.faults.run import Report

#: Faults of the long run.
_LONG = {"postgresql": 500, "sqlite": 200}


def main() -> int:
    """Run what is asked for, say what came of it, and fail if an invariant was broken or a planted defect not found."""
    given = _arguments().parse_args()
    plans = list(_defects(given) if given.what == "defects" else _honest(given))
    if given.what == "all":
        plans += _defects(given)
    failed = sum(not asyncio.run(_good(plan)) for plan in plans)
    print(f"{len(plans) - failed} passed, {failed} failed")
    return int(failed > 0)


def _arguments() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    words.add_argument("what", nargs="?", default="all", choices=("all", "honest", "defects"))
    words.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    words.add_argument("--faults", type=int, help="of an honest run; otherwise 500 on PostgreSQL, 200 on SQLite")
    words.add_argument("--pace", type=float, default=0.3, help="seconds between two faults of an honest run, at least")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", action="append", default=[], help="a kind of faults; may be repeated")
    words.add_argument("--defect", action="append", choices=list(PLANTED), help="may be repeated; otherwise each")
    words.add_argument("--no-disk", action="store_true", help="leave full disks out")
    words.add_argument("--keep", action="store_true", help="keep the folder with logs and data")
    return words


def _honest(given: argparse.Namespace) -> Iterator[Plan]:
    for dialect in _dialects(given):
        yield Plan(
            dialect,
            given.faults or _LONG[dialect],
            seed=given.seed,
            pace=given.pace,
            disk=not given.no_disk,
            only=tuple(given.only),
            keep=given.keep,
        )


def _defects(given: argparse.Namespace) -> Iterator[Plan]:
    for name in given.defect or PLANTED:
        for dialect in _dialects(given):
            if dialect in PLANTED[name].dialects:
                yield PLANTED[name].plan(name, dialect, given.seed)


def _dialects(given: argparse.Namespace) -> Sequence[str]:
    return ("postgresql", "sqlite") if given.database == "both" else (given.database,)


async def _good(plan: Plan) -> bool:
    # Told to end, it still ends its processes and unmounts its disk.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    report = await run(plan)
    good = _found(report) if plan.defect else not report.violations
    print(f"{'PASSED' if good else 'FAILED'}  {shown(report)}", flush=True)
    return good


def _found(report: Report) -> bool:
    assert report.plan.defect is not None
    return any(re.search(PLANTED[report.plan.defect].told, text) for text in report.violations)


if __name__ == "__main__":
    sys.exit(main())
