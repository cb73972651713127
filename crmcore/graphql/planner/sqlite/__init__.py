"""Plans in SQLite's SQL."""

from crmcore.graphql.planner.sqlite.dialect import Sqlite

__all__ = ["Sqlite"]
