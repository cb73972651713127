"""GraphQL: the schema of a CRM, and the way of a request through it."""
