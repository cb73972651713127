"""Does the plugin work where other plugins are?"""

from __future__ import annotations

from collections.abc import AsyncIterator

from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.tried import tried
from crmcore.errors import SetupError
from crmcore.plugins.plugin import failure
from crmcore.testing import TestCrm

__all__ = ["it_works_beside_all_other_plugins"]

_FIX = (
    "Disable the others one by one (CRM_DISABLED_PLUGINS) to find which it is, and agree with its owner who gives way."
)


@rule(Tier.GOLD)
async def it_works_beside_all_other_plugins(subject: Subject) -> AsyncIterator[Shortfall]:
    """Nobody runs one plugin alone; two that cannot live together are found out by those who have bought both.

    A CRM with every plugin that is installed starts on each database; a record of each of the plugin's entities is made
    there, and is read back by its list.
    """
    try:
        everything = subject.everything
        _ = everything.schema
    except SetupError as error:
        for problem in error.problems:
            yield Shortfall(f"With all installed plugins: {problem}", _FIX)
        return
    for dialect in subject.dialects:
        try:
            subject.grounds.mould(everything, dialect)
        except Unverified:
            raise
        except Exception as error:
            yield Shortfall(f"With all installed plugins it does not start on {dialect}: {failure(error)}.", _FIX)
            continue
        async with tried(subject, dialect, "everything") as crm:
            async for shortfall in _pages(crm, subject.name, dialect):
                yield shortfall


async def _pages(crm: TestCrm, plugin: str, dialect: str) -> AsyncIterator[Shortfall]:
    records = Records(crm, plugin)
    for entity in (e for e in crm.entities.values() if e.plugin == plugin):
        try:
            made = await records.marked(entity.name)
        except Unverified as error:
            yield Shortfall(f"With all installed plugins, on {dialect}: {error}", _FIX)
            continue
        answer = await crm.execute(f"{{ {entity.plural}(first: 50) {{ nodes {{ id }} }} }}")
        shown = [node["id"] for node in ((answer.get("data") or {}).get(entity.plural) or {}).get("nodes", ())]
        if made.shown_id not in shown:
            wrong = answer.get("errors", [{"message": "it is not in the list"}])[0]["message"]
            yield Shortfall(
                f"With all installed plugins, Query.{entity.plural} does not show what was made ({dialect}): {wrong}",
                _FIX,
            )
