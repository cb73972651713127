"""Plans in PostgreSQL's SQL."""

from crmcore.graphql.planner.postgresql.dialect import Postgresql

__all__ = ["Postgresql"]
