"""Bronze: the migrations make the tables that are declared, on every database."""

from __future__ import annotations

from collections.abc import AsyncIterator

from crmcore.contract.installing import drifted, installing, migrate
from crmcore.contract.refusals import Refused, refusals
from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.errors import SetupError

__all__ = ["migrations_make_the_declared_tables"]


@rule(Tier.BRONZE)
async def migrations_make_the_declared_tables(subject: Subject) -> AsyncIterator[Shortfall]:
    """A table that differs from its migrations works on the author's machine and fails on everybody else's.

    The plugin's migrations are applied to a database that has crmcore and what the plugin requires, as an operator does
    who installs it; afterwards tables, columns, links and indexes are compared with what is declared. SQLite and
    PostgreSQL differ in what they take, so each is tried.
    """
    for shortfall in refusals(subject, Refused.MIGRATIONS):
        yield shortfall
    _ = subject.crm
    for dialect in subject.dialects:
        async with installing(subject, dialect) as database:
            try:
                await migrate(subject, database)
            except SetupError as error:
                for problem in error.problems:
                    fix = "Correct the migration; whoever has applied it already needs another one that follows it."
                    yield Shortfall(f"On {dialect}: {problem}", fix)
                continue
            for shortfall in await drifted(subject, database, dialect):
                yield shortfall
