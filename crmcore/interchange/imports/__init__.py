"""CSV import: a mapping file says what the columns mean, rows go through the same actions as any other door."""
