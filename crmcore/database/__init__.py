"""The database layer: one facade over SQLite and PostgreSQL, and the shapes of ids, instants and money in it."""

from crmcore.database.facade import Database
from crmcore.database.failures import Contention, ReferenceViolation, StatementTimeout, UniqueViolation
from crmcore.database.transactions import TransactionMisuse

__all__ = ["Contention", "Database", "ReferenceViolation", "StatementTimeout", "TransactionMisuse", "UniqueViolation"]
