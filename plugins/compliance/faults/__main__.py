"""Kills processes at random points: in plugins/compliance, `python -m faults`, or a part of it."""

# ruff: noqa: T201 - it talks to whoever runs it

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from crmcore import Crm
from faults.databases import Databases, databases
from faults.operations import OPERATIONS, Operation
from faults.planted import PLANTED
from faults.site import Doing, Failed, Site

#: So often a process is killed at most before it is let do its work to the end.
_A_ROUND = 4


def main() -> int:
    """Run what is asked for; fail if something was left half, or a planted defect was not found."""
    given = _arguments().parse_args()
    chance, failed = random.Random(given.seed), 0  # noqa: S311 - when to kill is no secret
    model = _model()
    with databases(given.database) as on:
        if given.what in ("all", "honest"):
            for name in given.only or list(OPERATIONS):
                failed += not _honest(model, name, on, given.kills, chance)
        if given.what in ("all", "defects"):
            failed += sum(not _found(model, defect, on) for defect in PLANTED)
    print("all is whole" if not failed else f"{failed} failed")
    return int(failed > 0)


def _arguments() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    words.add_argument("what", nargs="?", default="all", choices=("all", "honest", "defects"))
    words.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    words.add_argument("--kills", type=int, default=20, help="of each operation")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--only", action="append", default=[], choices=list(OPERATIONS))
    return words


def _model() -> Crm:
    # Which fields are sealed is part of what is put together.
    model = Crm(Site(Path("/nowhere"), "sqlite:///nowhere.db", "sqlite:///nokeys.db").settings)
    # Made once, before processes are forked, so that each of them is at work at once.
    assert model.schema is not None
    return model


def _begun(model: Crm, operation: Operation, on: Databases) -> tuple[Site, Any]:
    """Return a new site and its world, as it is when the operation begins."""
    site = on.new()
    world = site.do(model, operation.prepare, migrate=True)
    if operation.after_backup is not None:
        on.back_up(site)
        site.do(model, _of(operation.after_backup, world))
        on.put_back(site)
    return site, world


def _honest(model: Crm, name: str, on: Databases, kills: int, chance: random.Random) -> bool:
    operation, killed, rounds, began = OPERATIONS[name], 0, 0, time.monotonic()
    lasts: float | None = None
    wrong: list[str] = []
    while killed < kills and not wrong:
        site, world = _begun(model, operation, on)
        doing = _of(operation.doing, world)
        rounds += 1
        if lasts is None:
            # How long it takes undisturbed says when to kill.
            start = time.monotonic()
            site.do(model, doing)
            lasts = time.monotonic() - start
        else:
            # What begins anew each time, and does not go on, would never end if it were killed each time.
            for _ in range(min(_A_ROUND, kills - killed)):
                if site.kill(model, doing, chance.uniform(0.0, lasts)):
                    break
                killed += 1
            else:
                site.do(model, doing)
        wrong = site.do(model, _of(operation.wrong, world))
    seconds = time.monotonic() - began
    print(f"{name}: {killed} kills in {rounds} rounds, {seconds:.0f} s: {'; '.join(wrong) or 'whole'}", flush=True)
    return not wrong


def _found(model: Crm, defect: str, on: Databases) -> bool:
    name, plant = PLANTED[defect]
    operation = OPERATIONS[name]
    site, world = _begun(model, operation, on)
    try:
        site.do(model, _planted(plant, _of(operation.doing, world)))
        wrong = site.do(model, _of(operation.wrong, world))
    except Failed as failed:
        wrong = [str(failed)]
    print(f"planted: {defect}: {wrong[0] if wrong else 'NOT FOUND'}", flush=True)
    return bool(wrong)


def _of(function: Callable[..., Awaitable[Any]], world: Any) -> Doing:
    def doing(crm: Crm) -> Awaitable[Any]:
        return function(crm, world)

    doing.__name__ = function.__name__
    return doing


def _planted(plant: Callable[[], None], doing: Doing) -> Doing:
    def planted(crm: Crm) -> Awaitable[Any]:
        plant()
        return doing(crm)

    return planted


if __name__ == "__main__":
    sys.exit(main())
