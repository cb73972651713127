"""Will what waits be found again by a later version of the plugin?"""

from __future__ import annotations

from collections.abc import AsyncIterator

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.events import After

__all__ = ["jobs_and_handlers_keep_their_names"]


@rule(Tier.SILVER)
async def jobs_and_handlers_keep_their_names(subject: Subject) -> AsyncIterator[Shortfall]:
    """Jobs wait in the database under the name of their function, for weeks perhaps; one that is called after the place where
    it was made is never found again once the code around it changes.
    """
    declared = subject.crm.declared
    for job in declared.jobs:
        if job.plugin == subject.name and not (job.called or job.function.__name__.isidentifier()):
            yield Shortfall(
                f"The job {job.name} has no name of its own.",
                'Give it one that stays: @job(name="remind").',
            )
    for handler in declared.handlers:
        if isinstance(handler, After) and handler.plugin == subject.name and not _lasts(handler):
            yield Shortfall(
                f"The after-handler of {handler.event.__name__} has no name of its own; its jobs wait as {handler.name}.",
                'Make it a function of a module, or give it a name that stays: after(…, name="greet").',
            )


def _lasts(handler: After) -> bool:
    name = str(handler.called or getattr(handler.run, "__qualname__", ""))
    return all(part.isidentifier() for part in name.split(".")) and name != ""
