"""PostgreSQL's errors in the words of `failures`."""

from __future__ import annotations

import re

import asyncpg

from crmcore.database.failures import Contention, Keys, ReferenceViolation, StatementTimeout
from crmcore.database.values import unencodable
from crmcore.errors import Invalid, Refusal, Unavailable

__all__ = ["ERRORS", "translate"]

#: Everything asyncpg raises, lost connections and time-outs included.
ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)

_CONTENTION = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,  # a migration ran elsewhere; the statement is prepared anew
)
_UNSTORABLE = (
    asyncpg.CharacterNotInRepertoireError,
    asyncpg.UntranslatableCharacterError,
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
)
#: 08 connection exception, 53 insufficient resources, 57P the server stops, 25006 read-only transaction.
_PASSING = ("08", "53", "57P", "25006")
_DETAIL = re.compile(r"Key \((.+?)\)=\(")


def translate(error: BaseException, keys: Keys) -> BaseException:
    """Return what to raise in place of `error`: itself when it can only be a bug."""
    if isinstance(error, asyncpg.UniqueViolationError):
        known = keys.by_name(error.constraint_name, error.table_name)
        known.columns = known.columns or _columns(error)
        return known
    if isinstance(error, asyncpg.ForeignKeyViolationError | asyncpg.RestrictViolationError):
        return ReferenceViolation(error.constraint_name, error.table_name, _columns(error))
    if isinstance(error, _CONTENTION):
        return Contention("Somebody else changed the same records at the same time; try again in a moment.")
    if isinstance(error, asyncpg.QueryCanceledError | TimeoutError):
        return StatementTimeout(
            "The database needed too long for one statement, so it was ended; ask for less at once."
        )
    if isinstance(error, asyncpg.DataError) and error.__cause__ is not None:
        return _unsendable(error, error.__cause__)
    if isinstance(error, _UNSTORABLE):
        return Invalid(f"A value cannot be stored: {error}.")
    if isinstance(error, asyncpg.PostgresError):
        passing = (error.sqlstate or "").startswith(_PASSING)
        return Unavailable(f"The database cannot answer now ({error}); try again in a moment.") if passing else error
    if isinstance(error, OSError) or _is_closed(error):
        return Unavailable("The connection to the database is lost; try again in a moment.")
    return error


def _unsendable(error: asyncpg.DataError, cause: BaseException) -> BaseException:
    """Return what to raise for a value that asyncpg could not write; it wraps what the writer raised."""
    if isinstance(cause, Refusal):
        return cause
    if isinstance(cause, UnicodeEncodeError):
        return unencodable()
    return Invalid(f"A value cannot be stored: {error}.") if isinstance(cause, OverflowError) else error


def _is_closed(error: BaseException) -> bool:
    # An internal error is what asyncpg raises on a connection whose end it has heard of but not yet seen.
    closed = isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
    return closed or isinstance(error, asyncpg.InternalClientError)


def _columns(error: asyncpg.PostgresError) -> tuple[str, ...]:
    found = _DETAIL.match(error.detail or "")
    return tuple(found[1].split(", ")) if found else ()
