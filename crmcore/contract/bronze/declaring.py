"""Bronze: `capabilities.toml` says what the plugin does beyond computing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.settings import settings_of
from crmcore.contract.subject import Subject
from crmcore.database.declared import table_specs
from crmcore.plugins.capabilities import FILE, Capabilities, Unreadable
from crmcore.settings.reader import closest

__all__ = ["capabilities_are_declared"]


@rule(Tier.BRONZE)
async def capabilities_are_declared(subject: Subject) -> AsyncIterator[Shortfall]:
    """An operator is shown what a plugin does before it is enabled, without a line of it being run; so it must be true.

    The tables and hooks of `capabilities.toml` are compared with those the plugin has; secrets and hosts that are
    settings must be settings; records it says it reads must be of entities there are. Hosts and variables of the
    environment are compared with what its tests do by a rule of the silver tier.
    """
    try:
        said = subject.capabilities
    except Unreadable as why:
        yield Shortfall(str(why), f"Correct the file; crm plugin info {subject.name} shows what is read from it.")
        return
    if said is None:
        fix = f"Write it into the plugin's package: {_example(subject)}"
        yield Shortfall(f"There is no {FILE}, so that nobody can see beforehand what the plugin does.", fix)
        return
    for shortfall in (*_tables(subject, said), *_hooks(subject, said), *_words(subject, said)):
        yield shortfall


def _tables(subject: Subject, said: Capabilities) -> Iterator[Shortfall]:
    real = [spec.name for spec in table_specs(subject.crm.declared.tables_of(subject.name))]
    yield from _compared("tables", "makes the table", said.tables, real)


def _hooks(subject: Subject, said: Capabilities) -> Iterator[Shortfall]:
    yield from _compared("hooks", "implements the hook", said.hooks, _implemented(subject))


def _compared(entry: str, does: str, said: Iterable[str], real: list[str]) -> Iterator[Shortfall]:
    for name in real:
        if name not in said:
            yield Shortfall(f"It {does} {name}, and {FILE} does not say so.", f"Add {name!r} to {entry}.")
    for name in said:
        if name not in real:
            yield Shortfall(f"{FILE} says that it {does} {name}, and it does not.", f"Remove {name!r} from {entry}.")


def _words(subject: Subject, said: Capabilities) -> Iterator[Shortfall]:
    settings, entities = settings_of(subject), list(subject.crm.entities)
    named = [
        *said.secrets,
        *(h.removeprefix("setting:") for h in (*said.network, *said.environment) if h.startswith("setting:")),
    ]
    for name in named:
        if name not in settings:
            what = f"{FILE} speaks of a setting {name!r}, which the plugin does not have."
            yield Shortfall(what, closest(name, settings).capitalize())
    for name in said.reads:
        if name not in entities:
            what = f"{FILE} says that it reads {name!r}, which is no entity."
            yield Shortfall(what, closest(name, entities).capitalize())


def _implemented(subject: Subject) -> list[str]:
    # What parts give counts as the hooks for which they stand: these say what the plugin does.
    return [name for name in subject.crm.plugins.hooks_of(subject.name) if name != "crm_parts"]


def _example(subject: Subject) -> str:
    tables = [spec.name for spec in table_specs(subject.crm.declared.tables_of(subject.name))]
    return f"tables = {_toml(tables)}, hooks = {_toml(_implemented(subject))}, and network, secrets, environment if it has any."


def _toml(names: list[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"[{quoted}]"
