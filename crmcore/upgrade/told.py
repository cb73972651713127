"""The plan of an upgrade as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmcore.upgrade.fitting import Fitting
from crmcore.upgrade.foresee import Migrating, Statement
from crmcore.upgrade.planning import UpgradePlan

__all__ = ["lines"]

Line = tuple[Mapping[str, Any], str]
_HEAD: Mapping[str, Any] = {"bold": True}
_BAD: Mapping[str, Any] = {"fg": "red"}
_CARE: Mapping[str, Any] = {"fg": "yellow"}
_PLAIN: Mapping[str, Any] = {}


def lines(plan: UpgradePlan) -> Iterator[Line]:
    """Yield lines, each with its style as click takes it."""
    yield _HEAD, "Versions"
    for one in plan.versions.versions:
        yield from _version(one)
    known = {one.name for one in plan.versions.versions}
    others = sorted(f"{one.name} {one.version}" for one in plan.versions.install if one.name not in known)
    if others:
        yield _PLAIN, f"  and {', '.join(others)}"
    if plan.problems:
        yield _HEAD, "This does not fit"
        yield from ((_BAD, f"  {problem}") for problem in plan.problems)
        return
    for plugin, sentences in plan.does_more.items():
        yield _HEAD, f"What {plugin} says it does, and did not say before"
        yield from ((_CARE, f"  {sentence}") for sentence in sentences)
    yield _HEAD, "Migrations"
    if not plan.then.migrations:
        yield _PLAIN, "  none"
    elif plan.then.dialect == "sqlite":
        yield _PLAIN, "  Each is one transaction: nobody else writes to the file meanwhile, readers go on."
    else:
        yield _PLAIN, "  Each is one transaction, and keeps its locks until it ends."
    for migration in plan.then.migrations:
        yield from _migration(migration, plan.then.dialect)
    yield from _commands("To do it", plan.steps)
    yield from _commands("To go back, while the new versions are still installed", plan.back)
    if plan.only_backup:
        yield _HEAD, "Only a backup brings back"
        yield from ((_CARE, f"  {sentence}") for sentence in plan.only_backup)


def _version(one: Fitting) -> Iterator[Line]:
    yield _PLAIN, f"  {one.name} {one.now}" + (f" -> {one.then}" if one.then != one.now else "")
    if one.newest not in (None, one.then):
        why = one.held_back or ("pip does not say why.",)
        yield _CARE, f"    {one.newest} is the newest, and does not fit: {' '.join(why)}"


def _migration(one: Migrating, dialect: str) -> Iterator[Line]:
    yield _PLAIN, f"  {one.plugin}_{one.name}"
    for statement in one.statements:
        yield _PLAIN, f"    {' '.join(statement.sql.split())[:160]}"
        if effect := _effect(statement, dialect):
            hard = statement.rewrites or statement.lock == "ACCESS EXCLUSIVE"
            yield _CARE if hard else _PLAIN, f"      {effect}"


def _effect(one: Statement, dialect: str) -> str:
    linked = [f"locks SHARE ROW EXCLUSIVE on {', '.join(one.others)}"] if one.others and dialect == "postgresql" else []
    if one.lock is None:
        return "; ".join(linked)
    rows = "" if one.rows is None else f", about {one.rows} rows"
    work = "writes all rows anew" if one.rewrites else "reads all rows" if one.reads else ""
    if dialect == "sqlite" and one.lock != "not known":
        # That the file is locked is said once.
        return f"{work} of {one.table}{rows}" if work else ""
    where = f" on {one.table}{rows}" if one.table else ""
    waiting = f"; waits: {one.stops}"
    return "; ".join([f"locks {one.lock}{where}{waiting}", *linked, *([work] if work else [])])


def _commands(head: str, commands: tuple[str, ...]) -> Iterator[Line]:
    if commands:
        yield _HEAD, head
        yield from ((_PLAIN, f"  {command}") for command in commands)
