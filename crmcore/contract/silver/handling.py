"""What happens to others when a handler of the plugin fails, or keeps them waiting?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.telling import about, made_up
from crmcore.contract.trying.tried import tried
from crmcore.entities.work import Work
from crmcore.events import After, Event, Inside
from crmcore.plugins.plugin import failure
from crmcore.testing import TestCrm
from crmcore.testing.watching import watching

__all__ = ["after_handlers_are_tried_again", "transactions_do_not_wait_for_the_network"]


@rule(Tier.SILVER)
async def after_handlers_are_tried_again(subject: Subject) -> AsyncIterator[Shortfall]:
    """What follows a change must follow it even if something was away for a minute; and must not undo the change if not.

    Each after-handler of the plugin is told of an event, and fails, as it would with its service away. The change must
    stand, and the job must wait for another attempt.
    """
    handlers = {h.name: h for h in subject.crm.declared.handlers if isinstance(h, After) and h.plugin == subject.name}
    for name, handler in handlers.items():
        async with tried(subject, subject.dialects[0]) as crm:
            records = Records(crm, subject.name)
            entity = await about(records, handler.event)
            await crm.work_off(failed=True)
            broken = replace(crm.routines[name], call=_fail)
            with patch.dict(crm.routines._routines, {name: broken}):
                await crm.run(await crm.actor(None), lambda work: _emit(work, records, handler.event, entity))  # noqa: B023
                done = [job for job in await crm.work_off(failed=True) if job.name == name]
            if any(job.dead for job in done):
                yield Shortfall(
                    f"The after-handler {name} is given up when it fails once: it has retries={handler.retries}.",
                    "Leave out retries=, so that it is tried again with growing pauses; make what it does safe to repeat.",
                )


@rule(Tier.SILVER)
async def transactions_do_not_wait_for_the_network(subject: Subject) -> AsyncIterator[Shortfall]:
    """While a transaction is open others wait for its rows, on SQLite for all of them; a service that answers after ten
    seconds then stops everybody for ten seconds.

    Records of the plugin's entities are made and its inside-handlers are told of events, while the network is watched;
    so is it while its own tests run.
    """
    if subject.package is None:
        msg = "Its package is not at hand."
        raise Unverified(msg)
    seen: dict[tuple[str, str], None] = {}
    failed: Exception | None = None
    handlers = [h for h in subject.crm.declared.handlers if isinstance(h, Inside) and h.plugin == subject.name]
    async with tried(subject, subject.dialects[0]) as crm:
        with watching(subject.package, refuse=True) as watch:
            records = Records(crm, subject.name)
            try:
                await records.all()
                for handler in handlers:
                    await _tell(crm, records, handler)
            except Exception as error:
                failed = error
        seen |= {(host, deed.where): None for host, deed in watch.network if deed.in_transaction}
    seen |= dict.fromkeys(_in_tests(subject))
    for host, where in seen:
        yield Shortfall(
            f"{where} connects to {host} while a transaction is open.",
            "Do it after the commit: after(…) instead of inside(…), or a job that the change puts by work.put(…).",
        )
    if failed is not None and not seen:
        msg = f"Its rules and handlers could not be tried: {failure(failed)}."
        raise Unverified(msg)


def _in_tests(subject: Subject) -> Iterator[tuple[str, str]]:
    try:
        evidence = subject.evidence
    except Unverified:
        return  # that is said by its-tests-pass
    yield from ((contact.host, contact.where) for contact in evidence.network if contact.in_transaction)


async def _emit(work: Work, records: Records, kind: type[Event], entity: str) -> None:
    await work.emit(await made_up(work, records, kind, entity))


class _Enough(Exception):
    """Ends a transaction in which a handler was tried, so that nothing of it stays."""


async def _tell(crm: TestCrm, records: Records, handler: Inside) -> None:
    entity = await about(records, handler.event)

    async def unit(work: Work) -> None:
        event = await made_up(work, records, handler.event, entity)
        with suppress(Exception):  # it may well veto what is made up
            await handler.run(work, event)
        raise _Enough

    with suppress(_Enough):
        await crm.run(await crm.actor(None), unit)


async def _fail(_: Any) -> None:
    msg = "It is away."
    raise ConnectionError(msg)
