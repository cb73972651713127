"""The plan of an upgrade: versions, migrations, and the way back."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from crmcore.database.address import Address
from crmcore.plugins.discovery import announced
from crmcore.plugins.newcomers import introduced
from crmcore.settings import Settings
from crmcore.upgrade.fitting import Fit, as_installed, fit
from crmcore.upgrade.foresee import Foreseen
from crmcore.upgrade.pip import Refused
from crmcore.upgrade.trial import foreseen_by, trial

__all__ = ["UpgradePlan", "planned"]


class UpgradePlan(msgspec.Struct, frozen=True, rename="camel"):
    """What an upgrade would do.

    Attributes:

        fits: whether it can be done.
        versions: before and after.
        problems: why it cannot be done.
        then: what the new versions would do to the database.
        does_more: what plugins say they do and did not say before.
        steps: commands, in order, to be run by a person.
        back: commands that lead back, likewise.
        only_backup: what only a backup brings back.
    """

    fits: bool
    versions: Fit
    problems: tuple[str, ...]
    then: Foreseen
    does_more: Mapping[str, tuple[str, ...]]
    steps: tuple[str, ...]
    back: tuple[str, ...]
    only_backup: tuple[str, ...]


def planned(
    requirements: Sequence[str], settings: Settings, config: Path | None, database: str | None, *, offline: bool
) -> UpgradePlan:
    """Look ahead; neither environment nor database nor settings are touched.

    Args:

        requirements: what is wanted, as pip takes it; nothing is the newest that fits.
        settings: of the CRM.
        config: the settings file that was named.
        database: the URL that was named.
        offline: whether to ask nobody and look at what is installed.
    """
    fitting = as_installed() if offline else fit(requirements)
    if fitting.problems:
        return _of(fitting, fitting.problems, Foreseen(), settings)
    variables = {"CRM_CONFIG": str(config)} if config else {}
    variables |= {"CRM_DATABASE": database} if database else {}
    try:
        with trial(fitting.install) as python:
            then = msgspec.json.decode(foreseen_by(python, variables), type=Foreseen)
    except (Refused, msgspec.DecodeError) as refused:
        return _of(fitting, (str(refused),), Foreseen(), settings)
    return _of(fitting, then.problems, then, settings)


def _of(fitting: Fit, problems: Sequence[str], then: Foreseen, settings: Settings) -> UpgradePlan:
    now = introduced(one.name for one in announced([]))
    more = {
        name: news
        for name, sentences in then.capabilities.items()
        if (news := tuple(s for s in sentences if s not in now.get(name, ())))
    }
    lost = [*_only_backup(then)]
    return UpgradePlan(
        fits=not problems,
        versions=fitting,
        problems=tuple(problems),
        then=then,
        does_more=more,
        steps=() if problems else tuple(_steps(fitting, then, settings)),
        back=() if problems else tuple(_back(fitting, then)),
        only_backup=tuple(lost),
    )


def _steps(fitting: Fit, then: Foreseen, settings: Settings) -> Iterator[str]:
    if then.migrations:
        address = Address.parse(settings.database)
        if address.path is None:
            yield f"pg_dump --format=custom --file=crm-backup.dump {shlex.quote(address.shown)}"
        else:
            copy = address.path.with_name(f"{address.path.stem}-backup.db")
            yield f"""sqlite3 {shlex.quote(str(address.path))} "vacuum into '{copy}'\""""
    if fitting.install:
        yield _install(one.pin for one in fitting.install)
    if then.migrations:
        yield "crm migrate"


def _back(fitting: Fit, then: Foreseen) -> Iterator[str]:
    """Yield what leads back, if `_only_backup` says nothing against it; the plugin that was migrated last comes first."""
    for plugin in dict.fromkeys(one.plugin for one in reversed(then.migrations)):
        yield f"crm migrate --down {plugin} {then.applied.get(plugin, '0')[:4]}"
    before = [f"{one.name}=={one.now}" for one in fitting.versions if one.then != one.now]
    if before:
        yield _install(before)


def _only_backup(then: Foreseen) -> Iterator[str]:
    for one in then.migrations:
        if one.irreversible is not None:
            yield f"{one.plugin}_{one.name}: {one.irreversible}"
        elif one.loses:
            yield f"{one.plugin}_{one.name}: what stands in {', '.join(one.loses)} is gone; taken back, it is empty."


def _install(pins: Iterator[str] | Sequence[str]) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", *pins])
