"""The schema, assembled of everybody's parts: who gives what, what changed, what is deprecated."""
