"""PostgreSQL: one stack of asyncpg connections."""
