"""What is held of a person, gathered for that person: JSON with its schema, a page to read, a signed manifest."""
