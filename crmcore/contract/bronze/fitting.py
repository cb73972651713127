"""Bronze: a CRM with the plugin starts, and its hooks are such as this crmcore asks for."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

from crmcore.contract.refusals import Refused, refusals
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.errors import SetupError
from crmcore.plugins.plugin import failure

__all__ = ["hooks_are_as_specified", "starts_with_default_settings"]


@rule(Tier.BRONZE)
async def starts_with_default_settings(subject: Subject) -> AsyncIterator[Shortfall]:
    """Who installs a plugin starts the CRM before reading its documentation; a CRM that then stays down is uninstalled.

    A CRM is put together from crmcore, the plugin and what its distribution requires, without any settings; it is
    started on each database, its HTTP application and its commands are made, and it is stopped. What a plugin cannot do
    without a setting it should refuse when it is asked to do it, with a sentence that names the setting.
    """
    for shortfall in refusals(subject, Refused.START):
        yield shortfall
    _ = subject.crm
    for shortfall in _doors(subject):
        yield shortfall
    for dialect in subject.dialects:
        if wrong := await _start(subject, dialect):
            yield wrong


def _doors(subject: Subject) -> Iterator[Shortfall]:
    for what, make in (("HTTP handlers", subject.crm.asgi), ("commands", subject.crm.plugins.commands)):
        try:
            made = make()
        except Exception as error:  # whatever its hook raises
            yield Shortfall(
                f"Its {what} cannot be made: {failure(error)}.",
                "Make them without a setting, a network or a database; refuse later what cannot be done.",
            )
        else:
            assert made is not None


async def _start(subject: Subject, dialect: str) -> Shortfall | None:
    fix = "Have crm_startup do without settings that nobody gave; refuse later what cannot be done."
    try:
        subject.mould(dialect)
    except Unverified:
        raise
    except SetupError as error:
        if error.code.startswith("migration"):
            return None  # that is said by the rule about migrations
        return Shortfall(f"It does not start on {dialect}: {'; '.join(error.problems)}", fix)
    except Exception as error:  # whatever its hook raises
        return None if _migrating(error) else Shortfall(f"It does not start on {dialect}: {failure(error)}.", fix)
    stopping = _Stopping()
    logging.getLogger("crmcore.plugins").addHandler(stopping)
    try:
        async with subject.running(dialect):
            pass
    finally:
        logging.getLogger("crmcore.plugins").removeHandler(stopping)
    if stopping.said:
        return Shortfall(f"It does not stop on {dialect}: {stopping.said[0]}.", "Correct its crm_shutdown.")
    return None


class _Stopping(logging.Handler):
    """Keeps what is logged of plugins that fail when they stop, since that is not raised."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the error's text."""
        error = record.exc_info[1] if record.exc_info else None
        self.said.append(failure(error) if error else record.getMessage())


def _migrating(error: Exception) -> bool:
    """Say whether an error came out of a migration and not out of the start."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_name == "_settle_migrations":
            return True
        trace = trace.tb_next
    return False


@rule(Tier.BRONZE)
async def hooks_are_as_specified(subject: Subject) -> AsyncIterator[Shortfall]:
    """A hook of a wrong name is never called, and one that wants what crmcore does not give fails when it is.

    Names are compared with `crmcore.hookspecs`, arguments with the specification's: an implementation may leave some
    out, and may neither have others nor give any a default. A hook that only a later crmcore has belongs into a version
    of the plugin that requires that crmcore.
    """
    for shortfall in refusals(subject, Refused.HOOK, Refused.ARGUMENT):
        later = " If a later crmcore has it, require that version." if "no hook" in shortfall.what else ""
        yield Shortfall(shortfall.what, f"{shortfall.fix}{later}")
