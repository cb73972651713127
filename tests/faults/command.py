"""The command line of a fault test: which runs are wanted, and whether they came out as they have to."""

# ruff: noqa: T201 - it talks to whoever runs it

from __future__ import annotations

import argparse
import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence

from tests.faults.plan import Plan
from tests.faults.planted import Planted
from tests.faults.report import Report, shown

__all__ = ["command"]

#: Faults of the long run.
_LONG = {"postgresql": 500, "sqlite": 200}


def command(
    module: str,
    run: Callable[[Plan], Awaitable[Report]],
    planted: Mapping[str, Planted],
    faults: Collection[str],
) -> int:
    """Run what is asked for, say what came of it, and return 1 if a promise was broken or a planted defect not found.

    Args:

        module: what is run: `python -m` module.
        run: runs a plan.
        planted: the defects that have to be found, by name.
        faults: the kinds of faults there are.
    """
    given = _arguments(module, planted, faults).parse_args()
    plans = list(_defects(given, planted) if given.what == "defects" else _honest(given))
    if given.what == "all":
        plans += _defects(given, planted)
    failed = sum(not asyncio.run(_good(plan, run, planted)) for plan in plans)
    print(f"{len(plans) - failed} passed, {failed} failed")
    return int(failed > 0)


def _arguments(module: str, planted: Collection[str], faults: Collection[str]) -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog=f"python -m {module}", description="Kill a system while it works, and check what is left."
    )
    words.add_argument("what", nargs="?", default="all", choices=("all", "honest", "defects"))
    words.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    words.add_argument("--faults", type=int, help="of an honest run; otherwise 500 on PostgreSQL, 200 on SQLite")
    words.add_argument(
        "--pace",
        type=float,
        default=0.3,
        help="seconds between two faults of an honest run, beside those in which it comes to work again",
    )
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", action="append", default=[], choices=list(faults), help="may be repeated")
    words.add_argument("--defect", action="append", choices=list(planted), help="may be repeated; otherwise each")
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


def _defects(given: argparse.Namespace, planted: Mapping[str, Planted]) -> Iterator[Plan]:
    for name in given.defect or planted:
        for dialect in _dialects(given):
            if dialect in planted[name].dialects:
                yield planted[name].plan(name, dialect, given.seed)


def _dialects(given: argparse.Namespace) -> Sequence[str]:
    return ("postgresql", "sqlite") if given.database == "both" else (given.database,)


async def _good(plan: Plan, run: Callable[[Plan], Awaitable[Report]], planted: Mapping[str, Planted]) -> bool:
    # Told to end, it still ends its processes and unmounts its disk.
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    report = await run(plan)
    good = not report.violations
    if plan.defect is not None:
        good = any(re.search(planted[plan.defect].told, text) for text in report.violations)
    print(f"{'PASSED' if good else 'FAILED'}  {shown(report)}", flush=True)
    return good
