"""What the planner must answer, worked out another way: graphql-core's executor over rows in memory, and operations at random."""
