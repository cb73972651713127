"""Fields with plain Strawberry resolvers: run by graphql-core's executor, beside and inside what the planner reads."""
